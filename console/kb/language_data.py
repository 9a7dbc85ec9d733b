"""What is known of languages beyond Snowball: words that tell nothing, and the endings of Ukrainian."""

from __future__ import annotations

_ENGLISH = """
a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to
was will with i me my we our you your he him his she her its them what which who whom those am were been being have
has had having do does did doing would should could ought can how when where why all any both each few more most
other some own same so than too very just from up down out off over under again further once here about against
between through during before after above below because until while
"""

_RUSSIAN = """
и в во не что он на я с со как а то все она так его но да ты к у же вы за бы по только ее мне было вот от меня еще
нет о из ему теперь когда даже ну вдруг ли если уже или ни быть был него до вас нибудь опять уж вам ведь там потом
себя ничего ей может они тут где есть надо ней для мы тебя их чем была сам чтоб без будто чего раз тоже себе под
будет ж тогда кто этот того потому этого какой совсем ним здесь этом один почти мой тем чтобы нее сейчас были куда
зачем всех никогда можно при наконец два об другой хоть после над больше тот через эти нас про всего них какая много
разве три эту моя впрочем хорошо свою этой перед иногда лучше чуть том нельзя такой им более всегда конечно всю между
это
"""

_UKRAINIAN = """
і й та в у не що він на я з із зі як а то все вона так його але до ти к же ви за б по тільки її мені було ось від
мене ще ні о про йому тепер коли навіть ну чи якщо вже або бути був нього вас там потім себе нічого їй може вони тут
де є треба ній для ми тебе їх ніж була сам щоб без хто цей того тому цього який це ці які яка яке можна під час при
після через нас них також свою цю цьому
"""

_PERSIAN = """
و در به از که این را با است برای آن یک خود تا کرد بر هم نیز شد می ها های شود شده یا بود اما او ما اگر هر من پس دو
بی آنها دیگر کند باید چه کنید پیش همه باشد داد کنند ای دهد وی هستند هست نیست اند ام اش مورد چگونه چطور کدام چیست چند
"""

STOP_WORDS: dict[str, frozenset[str]] = {
    "en": frozenset(_ENGLISH.split()),
    "ru": frozenset(_RUSSIAN.split()),
    "uk": frozenset(_UKRAINIAN.split()),
    "fa": frozenset(_PERSIAN.split()),
}
"""By language, as they are after folding."""

_ENDINGS = """
ування увати ення ання іння ями ами ові еві ого ому ими их ій ою ею ів ах ях ам ям ом ем єм ти ть ся сь ла ло ли ає яє
ує ють уть ать ять ий а я о е є и і ї у ю й ь
"""

UKRAINIAN_ENDINGS = sorted(_ENDINGS.split(), key=len, reverse=True)
"""The longest first."""
