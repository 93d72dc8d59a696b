"""The words that laboratories write into headings, in English, German, French, Spanish and Chinese."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

#: Nouns of a column, by what it holds. A heading may add any of `QUALIFIERS`.
ROLES = {
    "animal": frozenset(
        "animal animals rat rats mouse mice subject subjects specimen tier tiere ratte ratten maus tiernummer "
        "tiernr rattennummer rattennr mausnr mausnummer souris sujet rata ratas raton ratones sujeto individuo "
        "ear eartag ohrmarke tierkennung 动物 大鼠 小鼠 鼠 鼠号 受试".split()
    ),
    "arm": frozenset(
        "arm arms group groups grp treatment treatments cohort condition drug therapy intervention gruppe gruppen "
        "behandlung behandlungsgruppe versuchsgruppe therapie bedingung groupe groupes traitement bras condicion "
        "grupo grupos tratamiento brazo terapia 组 组别 分组 处理 处理组 治疗 治疗组 给药".split()
    ),
    "day": frozenset(
        "day days dpi dpt d time timepoint tag tage zeit zeitpunkt jour jours j temps dia dias tiempo date datum "
        "fecha dpc 天 天数 日 日期 时间 hour hours h hr hrs hpi hpc stunde stunden std heure heures hora horas 小时".split()
    ),
    "score": frozenset(
        "score scores grade grades grading eae cs eaescore punktzahl punkte bewertung grad cotation puntuacion puntaje "
        "puntos grado 评分 分数 得分 评级".split()
    ),
    "weight": frozenset(
        "weight weights bw wt bodyweight gewicht korpergewicht kg poids peso mass masse masa 体重".split()
    ),
}
#: Words that a heading may add without another meaning.
QUALIFIERS = frozenset(
    "id ids no nr num number numbers name names code label tag identifier nummer kennung numero nom nombre n "
    "codigo of the study experimental experiment trial post after p i pi immunisation immunization induction "
    "transfer challenge injection inoculation inoculated since from in point points nach immunisierung induktion "
    "transfert apres despues de du la le del inmunizacion induccion clinical daily disease neurological neuro "
    "clinique klinischer klinische klinisch clinica clinico motor index value body severity symptom symptoms sign signs "
    "mean_of assigned assignment allocation 编号 号 号码 名称 名 临床 第 免疫 后 免疫后 诱导后 神经 功能 eae lab laboratory "
    "g gram grams gramm gramme gramos percent unit units ear maximum_of x animal rat mouse notch mark individual".split()
)
#: Words for an animal that stand alone, where no better heading is there.
WEAK_ANIMALS = frozenset(
    "id ids no nr number name code tag label nummer kennung numero 编号 号码 名称".split()
)
#: Columns that are arms only where nothing else is.
WEAK_ARMS = frozenset(
    "genotype genotyp genotipo strain stamm souche cepa sex gender geschlecht sexe sexo line linie diet dose dosis "
    "vaccine 基因型 品系 性别 剂量".split()
)
CAGES = frozenset("cage cages kafig box pen jaula litter wurf portee camada batch 笼 笼号 窝".split())
HOURS = frozenset("hour hours h hr hrs hpi hpc stunde stunden std heure heures hora horas 小时".split())
WEEKDAYS = frozenset(
    "mon tue tues wed thu thur thurs fri sat sun monday tuesday wednesday thursday friday saturday sunday mo di mi do fr sa so "
    "montag dienstag mittwoch donnerstag freitag samstag sonntag lundi mardi mercredi jeudi vendredi samedi "
    "dimanche lunes martes miercoles jueves viernes sabado domingo".split()
)
#: Words for a statistic; those of the second set only where they stand alone or beside an arm.
STATISTICS = frozenset(
    "mean means average averages avg median sem stdev std stddev variance var mittelwert mittel mw standardabweichung stabw "
    "standardfehler moyenne moyennes mediane ecart promedio mediana desviacion "
    "total totals sum summe somme suma cv auc cumulative cumulated kumulativ cumul cumulatif cumule acumulado acumulada peak maximum minimum count anzahl "
    "pvalue ttest anova incidence incidencia inzidenz onset quartile iqr ci 平均 均值 平均值 平均数 标准差 标准误 中位数 "
    "总和 总计 合计 例数 最大值 最小值 累计 累积 峰值".split()
)
WEAK_STATISTICS = frozenset(
    "n sd se p s e m d dev error max min media count x ± ø dmax avg standard deviation value aire".split()
)
CONTROLS = frozenset(
    "vehicle control controls ctrl ctl placebo saline pbs untreated sham nacl veh vehikel kontrolle kontrollgruppe kontroll "
    "unbehandelt vehicule temoin controle vehiculo 对照 对照组 溶媒 溶媒组 生理盐水 盐水".split()
)
MICE = frozenset(
    "mouse mice murine maus mause souris raton ratones 小鼠 c57bl c57 c57bl6 c57bl6j c57bl6n sjl sjlj balb nod b6 pl".split()
) - {"pl"}
_CHINESE = ("动物", "大鼠", "小鼠", "组", "天", "评分", "体重", "对照")
_CAMEL = re.compile(r"(?<=[a-zäöüéèàáíóúñ])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@lru_cache(maxsize=20_000)
def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a heading in lower case, without accents and signs; camel case is taken apart.

    Examples
    --------
    >>> words_of("MouseID"), words_of("clinical_score"), words_of("Día 3"), words_of("动物编号")
    (('mouse', 'id'), ('clinical', 'score'), ('dia', '3'), ('动物编号',))
    """
    plain = _CAMEL.sub(" ", unicodedata.normalize("NFKC", text))
    plain = "".join(
        one for one in unicodedata.normalize("NFKD", plain.casefold()) if not unicodedata.combining(one)
    )
    return tuple(re.sub(r"[\W_]+", " ", plain).split())


def role_of(text: str) -> str:
    """Return what a column holds by its heading, or an empty text.

    Examples
    --------
    >>> [role_of(text) for text in ("Rat ID", "treatmentGroup", "EAE clinical score", "Körpergewicht (g)")]
    ['animal', 'arm', 'score', 'weight']
    >>> [role_of(text) for text in ("hours post challenge", "动物编号", "peak score", "comment")]
    ['day', 'animal', '', '']
    """
    outside = words_of(re.sub(r"[(\[].*?[)\]]", " ", text)) or words_of(text)
    if {"note", "clinique"} <= set(outside):
        return "score"
    found: list[str] = []
    for word in parts_of(outside):
        roles = [role for role, nouns in ROLES.items() if word in nouns]
        if not roles and word not in QUALIFIERS:
            return ""
        found += roles
    for role in ("weight", "score"):
        if role in found:
            return role
    # "Rat group" is a group, "treatment day" a day, "animal of the group" an animal.
    for role in ("day", "arm", "animal"):
        if role in found:
            return role
    return ""


def parts_of(words: tuple[str, ...]) -> list[str]:
    """Take words without spaces between them apart: 动物编号 is 动物 and 编号."""
    parts: list[str] = []
    for word in words:
        if not is_chinese(word):
            parts.append(word)
            continue
        while word:
            known = next((word[:size] for size in range(len(word), 0, -1) if _known(word[:size])), word)
            parts.append(known)
            word = word[len(known) :]
    return parts


def _known(word: str) -> bool:
    return word in QUALIFIERS or word.isdigit() or any(word in nouns for nouns in ROLES.values())


def is_chinese(text: str) -> bool:
    """Return whether a text has Chinese characters."""
    return any("\u4e00" <= one <= "\u9fff" for one in text)


def has_chinese_headings(text: str) -> bool:
    """Return whether a text has at least two of the Chinese words of headings."""
    return sum(word in text for word in _CHINESE) > 1


def is_statistic(text: str, beside: frozenset[str] = frozenset()) -> bool:
    """Return whether a name is that of a statistic; `beside` has the words that may stand with it.

    Examples
    --------
    >>> [is_statistic(text) for text in ("Mean", "SEM", "n", "n=3", "p-value", "Max", "rat n", "SD 12", "AVG")]
    [True, True, True, True, True, False, False, False, True]
    >>> is_statistic("vehicle mean", frozenset({"vehicle"}))
    True
    """
    words = words_of(text)
    rest = [word for word in words if word not in beside]
    if any(word in STATISTICS for word in rest):
        return True
    if text.strip() in ("Ø", "ø", "x̄", "Σ", "±"):
        return True
    if re.fullmatch(r"n\s*=\s*\d+", text.strip().casefold()):
        return True
    return bool(rest) and " ".join(rest) in (
        "n",
        "sd",
        "se",
        "s d",
        "s e m",
        "s e",
        "p",
        "p value",
        "media",
        "st dev",
        "std dev",
        "standard deviation",
        "standard error",
        "d e",
        "desv est",
        "cv",
        "e t",
        "et",
    )
