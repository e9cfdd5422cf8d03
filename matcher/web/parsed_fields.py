"""Form fields that people fill as they speak; what was understood is echoed below the field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from wtforms import StringField

from matcher.web import parsing
from matcher.web.filters import day, money, number
from matcher.web.idea_words import months
from matcher.web.parsing import Unclear


def understood(text: str) -> str:
    """Say how a text was read."""
    return _("We understood: %(value)s", value=text)


class ParsedField(StringField):  # type: ignore[misc]
    """A text field whose ``data`` is what its text means; an unclear text is asked about."""

    def __init__(
        self,
        label: Any = None,
        validators: Any = None,
        *,
        parse: Callable[[str], Any],
        write: Callable[[Any], str],
        show: Callable[[Any], str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(label, validators, **kwargs)
        self.parse, self.write, self.show = parse, write, show

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the text; the input stays in ``raw_data`` whatever it means."""
        self.data = None
        if valuelist and valuelist[0].strip():
            try:
                self.data = self.parse(valuelist[0])
            except Unclear as unclear:
                raise ValueError(str(unclear)) from unclear

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.write(self.data)

    @property
    def text(self) -> str:
        """The text as it stands in the field."""
        return self._value()

    @property
    def echo(self) -> str | None:
        """What was understood, in the reader's words; nothing while there is nothing."""
        if self.data is None or self.show is None:
            return None
        return self.show(self.data)


class MoneyField(ParsedField):
    """A sum with its currency; ``data`` is a `parsing.Sum`."""

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(
            label,
            validators,
            parse=parsing.parse_money,
            write=parsing.write_money,
            show=lambda value: understood(money(value.amount, value.currency)),
            **kwargs,
        )


class PercentField(ParsedField):
    """A share in percent."""

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(
            label,
            validators,
            parse=parsing.parse_percent,
            write=lambda value: f"{value.normalize():f}".replace(".", ","),
            **kwargs,
        )


class CountField(ParsedField):
    """A number of people."""

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(
            label,
            validators,
            parse=parsing.parse_count,
            write=lambda value: f"{value:,}".replace(",", " "),
            show=lambda value: understood(number(value)),
            **kwargs,
        )


class MonthsField(ParsedField):
    """A span in months."""

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(
            label,
            validators,
            parse=parsing.parse_months,
            write=str,
            show=lambda value: understood(months(value)),
            **kwargs,
        )


class DayField(ParsedField):
    """A date, typed freely."""

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(
            label,
            validators,
            parse=parsing.parse_day,
            write=parsing.write_day,
            show=lambda value: understood(day(value)),
            **kwargs,
        )
