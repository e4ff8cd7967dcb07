"""Words that say nothing by themselves: courtesy, questions, pointers. And words that only look like a slip."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from callboard.core.words import NOW


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


COURTESY = _set(
    """
    please pls plz kindly thanks thank thx ty cheers bitte danke merci teşekkürler lütfen sorry ok okay
    """
)
SMALL = COURTESY | _set(
    """
    a about again ah all also always am an and any anybody anyone are as ask at be been being both but by can
    channel command could did do does doing done each either else enough ever every everybody everyone everything
    for from get give go goes going good got great had has have he hello her hey hi him his how i i'd i'll i'm i've
    if ignore in is it it's its just later let let's like list lot may maybe me mind mine more morning much my
    myself need never nevermind new next nice no nobody not nothing notify now nvm of oh on one oops or other our
    ours out paging ping quite ready really right same see she should show so some somebody someone something soon
    status still stop such sure take tell test testing than that that's the their them then there these they this
    those though to today tomorrow too try u up us very want was we we'll we're we've well were what what's when
    where which who who's whose why will with would yeah yep yes yesterday yet you your yours nope help afternoon
    evening night day typed typing type wow und oder ist das der die dank vielen schön dafür hallo guten morgen
    abend alle aller liste zeig zeige mir merci beaucoup bonjour salut oui non et le la les un une teşekkür ederim
    tamam merhaba selam evet hayir ve
    """
)
ORDINARY = _set(
    """
    act actual art ask asked ate back bake bank band bone branch cake cancels card case cast channel claims clone
    clones close closer clothes come commit commits common compress content could date dome done dose down drops
    end ends expand fake fast file files fine fire fist fit fits fixed fixes free from gave given gone grant graph
    hand handle hang hard hash head held here hide hint hook host hosts hour iced idle infra into issue jack job
    jobs lack lake land last late lease least left let lift line lines link lint lit load lock logs lost made main
    mainly make many mine mint mind mist mixed moment most move name near need nine node nodes none nose not notes
    nothing now off often one only open opera order oven over own pack page part past pen praise previous rack
    raise rate read remote remove renewal repeat report request reserve resolver rest retake review rise rose role
    run sand save seal send seven sharp shop shot should shut side sign site slow snow snooze some sort spend spent
    stale stake stand star start state statue status stay step steps stop stow tag tail tale talk tape task taste
    test text than that then they this tick time tone took trick turn two unit until used vote wait waiting wake
    want warm was week when whole wing with working worse write writing zone zones
    """
)
"""Words with which sentences begin, and which are one edit away from some verb."""
COMMANDING = _set(
    """
    to the me my our us a an this that it for all them
    """
)
"""What follows a verb that is meant as one more often than a noun that begins a sentence."""
MOST_REPEATED, MOST_AROUND = 5, 20
ENDINGS = ("s", "es", "d", "ed", "n", "r", "rs", "er", "ers", "ing", "al")
GREETINGS = _set(
    """
    hi hey hello hallo hola thanks thank thx ty danke merci ok okay sorry oops nvm
    """
)
HELP = _set(
    """
    ? -h --help /help /? hilfe aide ayuda aiuto yardim help
    """
)
_QUOTES = "\"'`“”„‟‘’‚«»‹›*_~"  # noqa: RUF001
_AROUND_NUMBERS = re.compile(rf"(?<![{_QUOTES}(\[{{])[{_QUOTES}(\[{{]+(#?\d[\d,\s]*)[{_QUOTES})\]}}]+")
_POLITE = "please|pls|plz|kindly|bitte|lütfen|thanks|thank you|thx|danke|merci"
_BEFORE = re.compile(rf"(?:{_POLITE})[,:]?\s+", re.IGNORECASE)
_AFTER = re.compile(rf"(?<![\s,;])[\s,;]+(?:{_POLITE})(?:\s+(?:a lot|very much))?[\s.!]*$", re.IGNORECASE)
_NOW = re.compile(rf"(?<![\s,;])[\s,;]+(?:{NOW}|{_POLITE})[\s.!]*$", re.IGNORECASE)
_TODAY = re.compile(rf"(?<![\s,;])[\s,;]+(?:{NOW}|{_POLITE}|today)[\s.!]*$", re.IGNORECASE)
_ASKS = re.compile(
    r"(?:(?:can|could|would|will|may|shall)\s+(?:you|i|we|somebody|someone)|i(?:['’]ve|['’]ll|['’]d|\s+have|\s+will|"
    r"\s+want\s+to|\s+just)?|we(?:['’]ve|['’]ll|\s+have|\s+will)?|let(?:\s+me|['’]s)|just|now|ok(?:ay)?|hey|hi|"
    r"please|pls|kindly|bitte|sorry|and|to|how\s+(?:do|can)\s+i|what\s+is|who\s+is)[,:]?\s+",
    re.IGNORECASE,
)
_IS_OVER = re.compile(
    r"(?:(?:it|all|everything|that)(?:['’]s|\s+(?:is|was))?\s+)?(?:now\s+)?(?:a\s+)?(?:false\s+alarm|mistake|never\s*mind|nvm|"
    r"good|clear|fine|ok(?:ay)?|done|fixed|solved|resolved|over|works|working|back|up|running)(?:\s+(?:again|now|up|online))*",
    re.IGNORECASE,
)
_TAKES = re.compile(
    r"(?:(?:i(?:['’]m|\s+am)|we(?:['’]re|\s+are))\s+)?(?:on\s+it|looking(?:\s+(?:at|into)(?:\s+(?:it|this|that))?)?|"
    r"taking(?:\s+(?:it|this|that|over))?|working\s+on\s+(?:it|this|that))(?:\s+now)?|"
    r"(?:i(?:['’]ve|\s+have|\s+will|['’]ll)?\s+)?(?:got|have|take|look\s+(?:at|into))\s+(?:it|this|that)|"
    r"(?:👍|👀|:(?:\+1|thumbsup|eyes)(?:::skin-tone-\d)?:|[\U0001f3fb-\U0001f3ff]|\s)+",
    re.IGNORECASE,
)
_WELL_AGAIN = re.compile(
    r"(?<!\w)(?:(?:works?|working|back|up|running|ok(?:ay)?|fine|good|well|healthy|green)\s+(?:again|now|online|up)|"
    r"(?:is|are|it['’]s)\s+(?:now\s+)?(?:back|fixed|solved|resolved|over|ok(?:ay)?|fine|healthy)(?:\s+now)?)[\s.!]*$",
    re.IGNORECASE,
)
_IS_NOT = re.compile(
    r"\b(?:no|not|nothing|none|nobody|cannot|fails?|failed|broken|down|without)\b|n['’]t\b", re.IGNORECASE
)
_HELPED = re.compile(
    r"(?<=\w\wed)\b|\b(?:again|back|now|ok(?:ay)?|over|fine|good|well|healthy|works?|working|was|were|had|did|because|"
    r"reset|cut|took|gave|made|built|found|undid|brought)\b",
    re.IGNORECASE,
)
_NOUN_WITH_END = re.compile(r"(?:users?|customers?|points?|to[\s-]+end|of)\b", re.IGNORECASE)
_WORDS = re.compile(r"(?<![^\W_])[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SHORTCODE = re.compile(r":[\w+-]+:")
_MENTION = re.compile(r"<[@#!][^<>]*>|(?<!\w)[@#][\w.-]+")


def bare(text: str) -> str:
    """What was typed without quotes around it or around numbers, courtesy, and the emoji and punctuation at its end."""
    for _ in range(MOST_AROUND):
        if (shorter := _shorter(text)) == text:
            break
        text = shorter
    return text


def without_thanks(text: str) -> str:
    """The same without a `please` or thanks at its end."""
    return _AFTER.sub("", text)


def without_now(text: str, *, today: bool = False) -> str:
    """The same without courtesy and words for now at its end; with `today` that is one, too."""
    for _ in range(MOST_AROUND):
        if (shorter := (_TODAY if today else _NOW).sub("", text)) == text:
            break
        text = shorter
    return text


def says_now(text: str, *, today: bool = False) -> bool:
    """Whether it is nothing but courtesy and words for now."""
    return bool(text) and without_now(f"it {text}", today=today) == "it"


def _shorter(text: str) -> str:
    text = _AROUND_NUMBERS.sub(r"\1", text.strip())
    *before, last = text.rsplit(maxsplit=1) or [""]
    text = before[0] if before and _SHORTCODE.fullmatch(last) else text
    text = _AFTER.sub("", _BEFORE.sub("", text, count=1) if _BEFORE.match(text) else text)
    if len(text) > 1 and text[0] in _QUOTES and text[-1] in _QUOTES and not set(text[1:-1]) & set(_QUOTES):
        text = text[1:-1]
    return text.rstrip(".!?,;… ") if re.search(r"\w", text) else text


def unasked(text: str) -> str:
    """A request as an order: `can you resolve 6` without the first three words; the same where it is none."""
    for _ in range(MOST_AROUND):
        found = _ASKS.match(text)
        text = text[found.end() :] if found else text
    return text


def stems(word: str) -> Iterator[str]:
    """What `resolving` or `acked` may be a form of."""
    for ending in ("ed", "ing", "d", "s"):
        if word.lower().endswith(ending):
            stem = word.lower().removesuffix(ending)
            yield from (stem, f"{stem}e", stem[:-1])


def words(text: str) -> list[str]:
    """The words with letters in a text, in small letters; names of people, channels and emoji are none."""
    return _WORDS.findall(_MENTION.sub(" ", _SHORTCODE.sub(" ", text)).lower().replace("’", "'"))


def says_nothing(text: str, also: Collection[str] = ()) -> bool:
    """Whether no word says what it is about: all are small, or `also` small here, or all the same; or it greets."""
    said = words(text)
    telling = {word for word in said if word not in SMALL and word not in also}
    repeats = 1 < len(said) <= MOST_REPEATED and len(set(said)) == 1
    return not telling or repeats or (len(telling) == 1 and said[0] in GREETINGS)


def says_over(text: str) -> bool:
    """Whether it says nothing but that something is over: `false alarm`, `it works again`."""
    return bool(_IS_OVER.fullmatch(text.strip(" .!")))


def says_taken(text: str) -> bool:
    """Whether it says nothing but that somebody takes something: `on it`, `looking into it`, a thumb."""
    return bool(_TAKES.fullmatch(text.strip(" .!")))


def may_be_over(text: str) -> bool:
    """Whether it may say so of what it names: `mongo works again`, `staging is back`."""
    return says_over(text) or bool(_WELL_AGAIN.search(text) and not _IS_NOT.search(text))


def may_go_on(text: str) -> bool:
    """Whether a verb for an end and this may say that something is wrong: `end` and `users can't log in`."""
    is_wrong = bool(_IS_NOT.search(text)) and not _HELPED.search(_IS_NOT.sub("", text))
    return is_wrong or bool(_NOUN_WITH_END.match(text.strip()))


def is_ordinary(word: str, verbs: Collection[str]) -> bool:
    """Whether a word that is near to a verb begins a sentence more often than it is a slip."""
    inflected = any(word.endswith(ending) and word.removesuffix(ending) in verbs for ending in ENDINGS)
    return word in ORDINARY or inflected or (word.endswith("ing") and f"{word.removesuffix('ing')}e" in verbs)
