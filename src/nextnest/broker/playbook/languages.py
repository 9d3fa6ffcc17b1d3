"""Languages the playbook does not speak: it says so in that language, and a colleague answers."""

from __future__ import annotations

import re

_SAID = {
    "zh": "您好！我是 AI 助理，目前只能用英语回答。我会把您的对话转给同事，由同事用华语回复您。",
    "ms": (
        "Terima kasih. Saya pembantu AI dan hanya boleh menjawab dalam bahasa Inggeris. "
        "Seorang rakan sekerja boleh membantu anda dalam bahasa Melayu."
    ),
    "ta": (
        "வணக்கம். நான் AI உதவியாளர்; என்னால் ஆங்கிலத்தில் மட்டுமே பதில் சொல்ல முடியும். "
        "எங்கள் சக ஊழியர் உங்களுக்குத் தமிழில் பதில் அளிப்பார்."
    ),
}
_AWAY = {
    "zh": "同事们现在不在，{when}上班后会在这里回复您。",
    "ms": "Rakan sekerja kami tiada sekarang; mereka bertugas semula {when} dan akan menjawab anda di sini.",
    "ta": "எங்கள் சக ஊழியர்கள் இப்போது இல்லை; {when} முதல் அவர்கள் இங்கே பதில் அளிப்பார்கள்.",
}
_WHEN = {"zh": "{day} {time} ", "ms": "{day}, pukul {time}", "ta": "{day} ({time})"}
_DAYS = ("today", "tomorrow", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DAYS_IN = {
    "zh": ("今天", "明天", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"),
    "ms": (
        "hari ini",
        "esok",
        *(f"hari {day}" for day in ("Isnin", "Selasa", "Rabu", "Khamis", "Jumaat", "Sabtu", "Ahad")),
    ),
    "ta": (
        "இன்று",
        "நாளை",
        "திங்கட்கிழமை",
        "செவ்வாய்க்கிழமை",
        "புதன்கிழமை",
        "வியாழக்கிழமை",
        "வெள்ளிக்கிழமை",
        "சனிக்கிழமை",
        "ஞாயிற்றுக்கிழமை",
    ),
}
_BACK = re.compile(
    r"(?:on )?(?P<day>\w+day|tomorrow)(?P<date> \d{1,2} \w+)? at "
    r"(?P<hour>\d{1,2})(?::(?P<minute>\d\d))? (?P<half>am|pm)"
)
_HAN = re.compile(r"[\u3400-\u9fff]")
_TAMIL = re.compile(r"[\u0b80-\u0bff]")
_MALAY_WORDS = """
saya awak anda kami kita mereka dia berapa boleh pinjam pinjaman rumah terima kasih nak mahu hendak
ingin apa siapa mana bila kenapa mengapa kadar faedah tidak tak bukan belum sudah masih ada untuk
dengan kepada daripada dari pada dalam bagaimana macam bulanan gaji beli jual harga dapat perlu kena
dokumen selamat pagi petang malam tolong sila cukai setem bayaran bayar ansuran duit wang hutang
yang dan atau juga ini itu adakah bolehkah apakah jika kalau sebulan setahun lagi saja sahaja orang
tahun baki semua sebelum selepas sekarang cakap bahasa melayu isteri suami kerja kereta layak mohon
permohonan jumlah had arahan tunjukkan abaikan anak lebih kurang paling banyak di atas bawah teks ulang
"""
_ENGLISH_WORDS = "the a an is are am i you my we it to of for in on and or how what can do does if with"
_MALAY, _ENGLISH = frozenset(_MALAY_WORDS.split()), frozenset(_ENGLISH_WORDS.split())
_LATIN_WORD = re.compile(r"[a-z]+(?:-[a-z]+)?")


def said(language: str, people_back: str | None) -> str:
    """What is said in a language that `foreign` names; `people_back` as in `policy.wording`."""
    back = _BACK.fullmatch(people_back or "")
    if back is None:
        return _SAID[language]
    day = _DAYS_IN[language][_DAYS.index(back["day"])] + (back["date"] or "")
    hour = int(back["hour"]) % 12 + (12 if back["half"] == "pm" else 0)
    when = _WHEN[language].format(day=day, time=f"{hour:02}:{back['minute'] or '00'}")
    return f"{_SAID[language]} {_AWAY[language].format(when=when)}"


def foreign(text: str) -> str | None:
    """The language of a text that is not English, "zh", "ta" or "ms"; None for English or where unclear.

    A few letters of another script in an English sentence, such as a name, do not make it foreign; nor do
    some Malay words among as many of English.
    """
    latin = _LATIN_WORD.findall(text.casefold())
    if len(_TAMIL.findall(text)) > 3 * len(latin):
        return "ta"
    if len(_HAN.findall(text)) > 2 * len(latin):
        return "zh"
    malay, english = (sum(word in words for word in latin) for words in (_MALAY, _ENGLISH))
    return "ms" if malay >= 2 and malay > 2 * english and 3 * malay >= len(latin) else None
