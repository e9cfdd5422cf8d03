"""Pages of the community part."""

from matcher.web import idea_words, verdict_words
from matcher.web.community import acts, colleagues, ideas, pairs, writing
from matcher.web.community.blueprint import bp

for function in (
    idea_words.fact_rows,
    idea_words.event_rows,
    idea_words.field_word,
    idea_words.place_name,
    idea_words.organisation_name,
    verdict_words.verdict_rows,
    verdict_words.rule_word,
):
    bp.add_app_template_filter(function)

__all__ = ["acts", "bp", "colleagues", "ideas", "pairs", "writing"]
