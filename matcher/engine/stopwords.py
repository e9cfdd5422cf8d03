"""Words that carry no subject in Ukrainian or English and are never compared."""

from __future__ import annotations

_UKRAINIAN = """
    а або аби адже але аж ані б би без біля більш більше був буде будемо будете будеш буду
    будуть будучи була були було бути в вам вами вас ваш ваша ваше ваші вже ви від вона вони
    воно все всі всіх всім всіма всього всьому всю вся весь усе усі усіх усім увесь уся де десь
    для до дуже є ж же за зі за-для задля з зокрема із інша інше інший інші інших іншим і й її
    їй їм їх їхня їхнє їхні їхній його йому к ким кого кожен кожна кожне кожні коли кому коло
    крім котра котрий котрі куди ледве лише має мають мати між мене мені ми мій мною моя моє мої
    може можна можуть на над нам нами нас наш наша наше наші не неї нею нех нього ньому них ні
    ніби ним ними ніхто нічого ніщо но ну о об обидва один одна одне одні однак ось от отже отой
    ото перед під після по поза понад поки при про проте протягом разом саме сам сама самі само
    свій своя своє свої своїх своїм своїми свого своєї своєму своєю серед собі собою себе та так
    така таке такий такі таких таким також там те тим тими тих тієї тією то тобто того тоді той
    тому тому-то тощо ту тут ти тобі тебе тобою у упродовж через це цей цим цими цих цього цьому
    цю ця ці цієї цією чи чий чия чиє чиї чим чого чому що щоб щодо щось як яка яке який якими
    яким яких які якого якому якої якою якби якщо якій яку хоч хоча хто ще вул обл смт р рр тис
    млн млрд ст п пп м с шт див ін ім іншими іншої іншу їхньої їхніх їхню кожного кожної кожному
    кожну разі він твій твоя твоє твої наш бо згідно відповідно шляхом тільки навіть
"""

_ENGLISH = """
    a about above after again all also am an and any are aren as at be because been before being
    below between both but by can cannot could couldn d did didn do does doesn doing don down
    during e each either etc few for from further g had hadn has hasn have haven having he her here
    hers herself him himself his how however i ie if in into is isn it its itself just ll m may me
    might more most must mustn my myself neither no nor not now of off on once only or other others
    our ours ourselves out over own per re s same shall she should shouldn so some such t than that
    the their theirs them themselves then there these they this those through thus to too under
    until up upon us ve very via was wasn we were weren what when where which while who whom whose
    why will with within without would wouldn yet you your yours yourself yourselves
    """

UKRAINIAN = frozenset(_UKRAINIAN.split())
ENGLISH = frozenset(_ENGLISH.split())
