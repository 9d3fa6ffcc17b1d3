"""Languages the playbook does not speak: it says so in that language, and a colleague answers."""

from __future__ import annotations

import re

SAID = {
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
_HAN = re.compile(r"[\u3400-\u9fff]")
_TAMIL = re.compile(r"[\u0b80-\u0bff]")
_MALAY_WORDS = """
saya awak anda kami kita berapa boleh pinjam pinjaman rumah terima kasih nak mahu apa bila kadar faedah tidak
tak ada untuk dengan bagaimana macam mana bulanan gaji beli harga dapat perlu dokumen selamat pagi petang
tolong cukai setem bayaran ansuran duit wang hutang yang dan ini itu adakah bolehkah jika kalau sebulan
setahun lagi saja sahaja orang tahun baki
"""
_MALAY = frozenset(_MALAY_WORDS.split())
_LATIN_WORD = re.compile(r"[a-z]+(?:-[a-z]+)?")


def foreign(text: str) -> str | None:
    """The language of a text that is not English, "zh", "ta" or "ms"; None for English or where unclear.

    A few letters of another script in an English sentence, such as a name, do not make it foreign.
    """
    latin = _LATIN_WORD.findall(text.casefold())
    if len(_TAMIL.findall(text)) > 3 * len(latin):
        return "ta"
    if len(_HAN.findall(text)) > 2 * len(latin):
        return "zh"
    malay = sum(word in _MALAY for word in latin)
    return "ms" if malay >= 2 and 2 * malay >= len(latin) else None
