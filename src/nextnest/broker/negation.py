"""Whether a claim is denied where it stands: "we cannot promise approval" promises nothing.

Only a denial in the same clause counts, and an even number of denials is none. "I can't say it's guaranteed, but it's
guaranteed" is refused for its second half.
"""

from __future__ import annotations

import re

# Read as no denial at all: "no problem, you will be approved".
_IDIOMS = re.compile(
    r"\b(?:no (?:problem|worries|worry|doubt|question|issue|matter|need to worry|joke|kidding|catch|stress|biggie|wonder|fail)"
    r"|without (?:a |any )?(?:doubt|fail|question|problem|issue)|not (?:only|just|to worry|to mention|kidding|joking|a problem|an issue|bad)"
    r"|(?:don't|do not|needn't|never) (?:worry|fret|stress|mind|panic|be (?:shy|afraid))|can't (?:lie|wait|go wrong|deny|argue|help but)"
    r"|cannot (?:lie|go wrong|fail|deny|stress enough)|can't (?:stress|recommend) \w+ enough|never (?:fails?|failed)|nothing to (?:worry|fear)|why not"
    r"|no (?:obligation|strings)|not sure if (?:i|we) (?:told|mentioned)|isn't it|don't tell anyone|not gonna lie|no less|not long)\b"
    r"|没问题|没错|不用担心|别担心|不但|不仅|不只|无疑|毫无疑问|不得不|tidak syak|jangan risau|jangan bimbang|tak payah risau"
    r"|கவலைப்பட வேண்டாம்|கவலை வேண்டாம்|சந்தேகமில்லை"
)
_DENIAL = re.compile(
    r"\b(?:not|never|cannot|no|none|nobody|neither|nor|without|unable|isn't|aren't|wasn't|weren't|won't|wouldn't|can't|couldn't"
    r"|don't|doesn't|didn't|shouldn't|mustn't|needn't|hasn't|haven't|ain't|avoid|refuse|decline|rather than|instead of|wrong to|misleading to"
    r"|dishonest to|far from|beware of|be wary of|be careful of|be careful with|against|no such|nothing|nowhere|hardly|no one|stop short of"
    r"|(?:any(?:one|body)|who(?:ever)?|those|people|someone|somebody|any \w+|an? \w+)(?: who| that| which)? (?:promis|guarantee|tell|say|claim|offer|advertis|swear|assur)\w*(?: you)?"
    r"|free of|tak|tidak|bukan|tiada|jangan|belum|tanpa|takkan|so-called|unlike)\b"
    r"|n't\b|不|没有?|无法?|别|未|非|勿|并非|从不|绝不|没人|无人"
)
_DENIAL_AFTER = re.compile(
    r"^[^,.;!?\n]{0,40}(?:(?:is|are|was|would be|isn't|aren't) (?:not|never|n't|impossible|up to the bank|for the bank|the bank's|something (?:i|we|no ?one|nobody) can|not something|a matter for)"
    r"|\b(?:cannot|can't|can not|won't|will not|never|isn't|aren't|doesn't|don't|does not|do not) (?:be )?(?:promise[d]?|guarantee[d]?|say|said|give|given|share[d]?|shown?|discuss(?:ed)?|help|exist|come from me|do|tell|disclose[d]?|known?|predict(?:ed)?|reveal(?:ed)?|part of|apply)"
    r"|depends? on|is (?:entirely |always |only )?(?:up to|for) the bank|tidak (?:boleh|dapat|akan)|bukan|不(?:能|会|可|是|由)|无法|没有|முடியாது|இல்லை|மாட்டேன்|அல்ல|கூடாது|இயலாது)"
)
_WARNING = re.compile(
    r"\b(?:beware|be (?:very )?(?:careful|wary|cautious)|(?:do not|don't|never) (?:trust|believe|fall for)|(?:any(?:one|body)|who(?:ever)|those|people) (?:who )?(?:promis|guarantee|tell|say|claim|advertis)\w*)\b"
)
# These open the claim itself to doubt: "whether you will be approved", "if it is guaranteed".
_OPEN = re.compile(
    r"(?:\b(?:if|whether(?: or not)?|until|unless|when|once|before|after|in case|as if|even if|how|why|what|which|than|asking|asked (?:if|whether)|sama ada|jika|kalau|apabila|sebelum)|如果|是否|若|能否|会不会|假如|一旦)"
    r"(?: (?:and when|or when|and if|the bank|you|your|it|they|a|the|any|or not|i|we|this|that|loan|application|case|someone|is|are|get|be|can|could|will|would|may|might|rates?|interest|sora)){0,5}[ ,]*$"
)
_BREAK = re.compile(
    r"[,;:.!?\n()]|\b(?:but|however|because|since|so|yet|although|though|except|still|just|anyway|and (?:you|it|the|they|your|i|we|this)|only that|tapi|tetapi|namun)\b|但是?|可是|不过|然而|因为|所以|ஆனால்"
)
_HANGING = re.compile(
    r"\b(?:can|could|will|would|may|should|shall|must|do|does|bank|broker|one|nobody|us|i|honestly|ever|truthfully|and|or)[, ]*$"
)
_REFUSED_NEXT = re.compile(
    r"^[^.!?\n]*\?[\"')\s]*(?:no\b|not\b|nobody|never|nope|sorry|i can't|i cannot|it isn't|it is not|that's not|不|没|无|tidak|bukan|இல்லை)"
)


def is_denied(text: str, start: int, end: int) -> bool:
    """Whether the claim at `start` to `end` of a folded text is denied, or only asked about, in its own clause."""
    before = _clause_before(text, start)
    if _OPEN.search(before) or _WARNING.search(before):
        return True
    plain = _IDIOMS.sub(lambda m: " " * len(m[0]), before)
    denials = len(_DENIAL.findall(_one_each(plain)))
    if denials % 2 == 1:
        return True
    if denials:
        return False
    after = text[end : end + 80]
    return bool(_DENIAL_AFTER.match(after) or _REFUSED_NEXT.match(text[end : end + 200]))


def _one_each(clause: str) -> str:
    """ "no one can ever" and "not … any" deny once; a denier counts once with the words that strengthen it."""
    return re.sub(
        r"\bno(?:t| one| bank| broker| lender)? (?:one |can |bank |broker )*(?=never|not|cannot|can't)",
        "no",
        clause,
    )


def _clause_before(text: str, start: int) -> str:
    """The words before a claim, back to where its clause begins; a list of deniers hangs on ("nor can, any bank …")."""
    window = text[max(0, start - 120) : start]
    cut = 0
    for match in _BREAK.finditer(window):
        if (
            match[0] == ","
            and _HANGING.search(window[: match.start()])
            and _DENIAL.search(window[cut : match.start()])
        ):
            continue
        cut = match.end()
    return window[cut:]


_HEDGE = re.compile(
    r"\b(?:if|whether|unless|until|depend(?:s|ing)?|decides?|decision|subject to|may|might|could|neither|nor|nobody|no ?one|none"
    r"|not|never|cannot|can't|without|unable|hard to say|unknown|risk(?:s|y)?|refuse|decline|wrong to|instead of|rather than|up to the bank"
    r"|beware|careful|wary|who (?:promises|says|tells|claims)|anyone who|no way to (?:know|tell|say))\b|n't\b"
    r"|不|没|无|未|如果|是否|若|取决|由银行|tidak|tak|bukan|tiada|jika|bergantung|terpulang|இல்லை|முடியாது|அல்ல|மாட்டேன்|பொறுத்தது|என்றால்"
)


def is_hedged(statement: str) -> bool:
    """Whether a statement is denied, conditional or left open as a whole."""
    return bool(_HEDGE.search(_IDIOMS.sub(lambda m: " " * len(m[0]), statement)))


# -- warnings: a scheme may be named to say that it must not be used ---------------------------------------------

_CONDEMNED = re.compile(
    r"avoidance|\billegal|offen[cs]e|unlawful|against the (?:law|rules)|not allowed|(?:can't|cannot|won't|will not|don't|do not|not able to|unable to|never|not something (?:i|we)|must not|mustn't|shouldn't|should not|may not|not going to|n't) (?:\w+ ){0,2}(?:help|suggest|advise|recommend|arrange|assist|support|structure|do that|be used|go there|guide|plan|discuss|design)"
    r"|(?:iras|they|it|the taxman|tax office|authorit\w+) (?:\w+ )?(?:treats?|regards?|sees|views|considers?|will (?:recover|claw|charge|impose|look)|can (?:recover|claw|charge|impose)|recovers?|has (?:recovered|acted)|clamp\w*|crack\w*)|fraud|surcharge|penal(?:ty|ties|ised)|beware|warn|be wary"
    r"|(?:视为|视作|当作|属于|算是|认定为)(?:违法)?(?:避税|逃税)|避税行为|逃税行为|违法|不合法|不能(?:帮|建议|提供|协助)|无法(?:帮|提供|协助)|不(?:会|建议|可以)(?:帮|建议|这样)?|salah|menyalahi|tidak boleh (?:bantu|cadang|membantu)|சட்டவிரோத|உதவ முடியாது|குற்றம்"
)
_ENDORSED = re.compile(
    r"\b(?:you(?:'d| would|'ll| will|'re| can| could|r)? (?:\w+ )?(?:save|avoid|pay (?:no|less|nothing)|get away|be (?:fine|ok|safe)|escape)|go for it|many (?:people |buyers |clients )?(?:do|does|use|have)|works? (?:well|fine|great|anyway|nicely)|worth (?:it|a try|doing|trying)|i(?:'d| would)? (?:suggest|recommend|advise|show|arrange|help you (?:set|do|with the))|we (?:can|could|will|'ll) (?:\w+ )?(?:arrange|set|structure|help you (?:set|do))|here'?s how|just (?:do|put|buy|use|don't)|nobody (?:checks|will know|finds)|no ?one (?:checks|will know|finds|has to know)|they (?:won't|never|don't|rarely) (?:know|find|check|notice)|(?:rarely|never|hardly) (?:checked|caught|enforced|audited)|low risk|still (?:do|use|works?|possible)|the trick is|smart|clever|legal(?:ly)? (?:fine|ok|way)|perfectly legal|but (?:it|you|many|we|i) (?:\w+ )?(?:work|can|could|do|save|would|still))\b"
    r"|可以省|没人(?:会)?(?:知道|查)|很多人(?:都)?(?:这样|这么)|tiada siapa (?:tahu|semak)|ramai (?:orang )?(?:buat|guna)"
)


def is_condemned(sentence: str, following: str) -> bool:
    """Whether a sentence that names a scheme warns against it, and neither it nor the next one speaks for it."""
    return (
        bool(_CONDEMNED.search(sentence))
        and not _ENDORSED.search(sentence)
        and not _ENDORSED.search(following)
    )
