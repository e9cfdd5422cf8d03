"""Words without a subject of their own: stop words are dropped, function words are kept apart.

Function words (who, where, not, can) tell short sentences from each other and hardly move the
ranking of ideas (README.md has the figures). Each group has one key whatever the form, and no
spelling; it counts for nothing where the question is whether a text says enough, or why it fits.
"""

from __future__ import annotations

_UKRAINIAN = """
    а б би в вул г див ж же за зі з із й і та у на о об обл п пп при про р рр с см смт ст т тис то
    тощо тобто ту тим х ц шт м млн млрд аби адже аніж бо будучи ось отже отой ото ну ним но зокрема
    згідно відповідно шляхом задля за-для упродовж протягом разі є ім ін ледве ніби
    нехай хай мов немов наче неначе ся по аж ані от к нех щодо
"""

_ENGLISH = """
    a an the of and or in on at as by to am is are be being been aren isn wasn weren ain s t d m ll
    re ve b c e f g h j k l n o p q r u v w x y z ie eg etc via per than so such thus hence upon
    into onto out up down off too about further didn doesn don hadn hasn haven wouldn couldn
    shouldn mustn mightn needn shan won if within etcetera
"""

# One group a line: its key, then the other forms.
_UKRAINIAN_GROUPS = """
    я мене мені мною
    ти тебе тобі тобою
    ви вас вам вами
    він його йому нього ньому
    вона її їй нею неї
    воно
    ми нас нам нами
    вони їх їм ними них
    мій моя моє мої мого моєї моїх моєму моїм моїми мою моєю
    твій твоя твоє твої твого твоєї твоїх твоєму твоїм твоїми твою твоєю
    ваш ваша ваше ваші вашого вашої ваших вашому вашим вашими вашу вашою
    наш наша наше наші нашого нашої наших нашому нашим нашими нашу нашою
    їхній їхня їхнє їхні їхнього їхньої їхніх їхньому їхнім їхніми їхню їхньою
    свій своя своє свої свого своєї своїх своєму своїм своїми свою своєю
    сам сама само саме самі самого самої самих самому самим самими саму самою
    себе собі собою
    хто кого кому ким
    що чого чим
    чому навіщо нащо
    який яка яке які якого якої яких якому якій яким якими яку якою котрий котра котре котрі
    чий чия чиє чиї чийого чиєї чиїх
    де
    куди
    коли
    як
    скільки скількох скільком
    чи
    цей ця це ці цього цієї цих цьому цій цим цими цю цією
    той те ті того тієї тих тому тій тими тією
    такий така таке такі такого такої таких такому такій таким такими таку такою
    весь вся все всі всього всієї всіх всьому всій всім всіма всю всією увесь уся усе усі усіх усім
    інший інша інше інші іншого іншої інших іншому іншій іншим іншими іншу іншою
    кожен кожна кожне кожні кожного кожної кожному кожній кожним кожну кожною кожний
    обидва обидві обох обом обома
    хтось когось комусь кимось
    щось чогось чомусь чимось
    ніхто нікого нікому ніким
    ніщо нічого нічому нічим
    десь
    бути був була було були
    буде буду будеш будемо будете будуть
    має мають маю маєш маємо маєте
    може можуть можу можеш можемо можете міг могла могло могли могти можна
    не
    ні
    тут
    там
    тоді
    тепер
    вже уже
    ще
    також теж
    лише тільки
    навіть
    дуже
    більше більш
    так
    або
    але однак проте
    якщо якби
    щоб щоби
    хоч хоча
    для
    без
    до
    від
    через
    після
    перед
    під
    над понад
    між
    серед
    поза
    біля
    крім окрім
    разом
    поки доки
"""

_ENGLISH_GROUPS = """
    i me
    my
    you
    your yours
    he him
    his
    she her hers
    it its
    we us
    our ours
    they them
    their theirs
    this these
    that those
    who whom
    whose
    what
    which
    where
    when
    why
    how
    whether
    can could
    may might
    must
    should ought
    will would shall
    have has had having
    do does did doing
    was were
    not cannot
    no nor
    all
    each
    both
    other others
    same
    own
    some
    any
    more
    most
    few
    very
    only
    just
    also
    then
    now
    here
    there
    again
    once
    while
    until till
    because
    but however
    for
    with
    without
    from
    before
    after
    above over
    under below
    between
    among amongst
    during
    through
    against
    self myself himself herself itself yourself yourselves ourselves themselves
    yet
    neither
    either
"""


FUNCTION = "="  # first letter of the key of a function word


def _grouped(text: str) -> dict[str, str]:
    groups = [line.split() for line in text.splitlines()]
    return {form: FUNCTION + group[0] for group in groups for form in group}


UKRAINIAN = frozenset(_UKRAINIAN.split())
ENGLISH = frozenset(_ENGLISH.split())
FUNCTION_KEYS = _grouped(_UKRAINIAN_GROUPS) | _grouped(_ENGLISH_GROUPS)
