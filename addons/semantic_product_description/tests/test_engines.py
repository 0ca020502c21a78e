from odoo.tests import BaseCase, tagged

from .. import figures, html_text, quality, readability, word_diff

EASY = "The sofa is blue. It is soft and wide. Sit on it and rest. You can wash the cover at home."
HARD = (
    "Characteristically multifunctional upholstery accommodating considerable versatility "
    "facilitates extraordinarily comfortable residential configurations notwithstanding "
    "architectural irregularities encountered throughout contemporary metropolitan habitations."
)


@tagged("post_install", "-at_install")
class TestWordDiff(BaseCase):
    def test_words_that_changed_are_told(self):
        self.assertEqual(
            word_diff.word_diff("A chair of oak.", "A chair of old oak."),
            [("same", "A chair of "), ("added", "old "), ("same", "oak.")],
        )

    def test_neighboring_changes_are_one(self):
        self.assertEqual(
            word_diff.word_diff("soft and wide", "firm and long"),
            [("removed", "soft and wide"), ("added", "firm and long")],
        )
        self.assertEqual(
            word_diff.word_diff("red big sofa", "blue small sofa"),
            [("removed", "red big"), ("added", "blue small"), ("same", " sofa")],
        )

    def test_both_texts_can_be_put_together_again(self):
        long = "\n".join(f"Line {n} of a very long text." for n in range(800))
        texts = ("", "a", "São  João\n\n• <b>x</b> & 5 cm", "5 cm São João", long, long[::-1])
        for before in texts:
            for after in texts:
                pieces = word_diff.word_diff(before, after)
                joined = ["".join(t for kind, t in pieces if kind != hidden)
                          for hidden in ("added", "removed")]  # fmt: skip
                self.assertEqual(joined, [before, after])

    def test_markup_stays_text(self):
        evil = "<img src=x onerror=alert(1)>"
        pieces = word_diff.word_diff("", evil)
        self.assertEqual("".join(text for _kind, text in pieces), evil)

    def test_phrases_are_marked_across_pieces_but_not_inside_words(self):
        pieces = word_diff.word_diff("A sofa.", "A sofa with 2  YEARS warranty.")
        marked = word_diff.marked(pieces, ["2 years"])
        self.assertEqual([text for _kind, text, inside in marked if inside], ["2  YEARS"])
        self.assertEqual(word_diff.spans_of("It is 210 cm wide", ["10 cm"]), [])
        self.assertEqual(word_diff.spans_of("a+b", ["+"]), [(1, 2)])
        self.assertEqual(word_diff.spans_of("x", ["", "  "]), [])


@tagged("post_install", "-at_install")
class TestHtmlText(BaseCase):
    def test_blocks_become_lines(self):
        html = "<p>A <b>soft</b>\n sofa &amp; more</p><ul><li>Blue</li><li><p>Gray</p></li></ul>"
        self.assertEqual(html_text.text_of(html), "A soft sofa & more\n• Blue\nGray")
        self.assertEqual(html_text.text_of("<p>a<br>b</p><script>x()</script>"), "a\nb")
        self.assertEqual(html_text.text_of(None), "")

    def test_what_is_broken_or_has_no_place_is_named(self):
        self.assertEqual(html_text.faults_of("<p>a</p><ul><li>b</li></ul><hr/>"), ([], []))
        unclean, unbalanced = html_text.faults_of("<h1>a</h1><p><b>b</p><iframe></iframe></div>")
        self.assertEqual((unclean, unbalanced), (["h1", "iframe"], ["p", "div"]))
        self.assertEqual(html_text.faults_of("<p>a")[1], ["p"])


@tagged("post_install", "-at_install")
class TestFigures(BaseCase):
    def test_figures_that_no_fact_tells_are_found(self):
        values = ["Width 210 cm", "R$ 1.299,90", "D33"]
        for text, unknown in (
            ("210 cm, 2,10 m or 2.10 m", []),
            ("R$ 1299.90 in D33 foam", []),
            ("5 anos de garantia", ["5 anos"]),
            ("10% off, washes at 30 °C", ["10%", "30 °C"]),
            ("model X200 and B2B", []),
            ("21 cm", ["21 cm"]),
            ("", []),
        ):
            with self.subTest(text=text):
                found = figures.unknown_figures(text, values)
                self.assertEqual([text[start:end] for start, end in found], unknown)


@tagged("post_install", "-at_install")
class TestReadability(BaseCase):
    def test_easy_texts_have_a_high_index(self):
        self.assertGreater(readability.reading_ease(EASY, "en_US"), 80)
        self.assertLess(readability.reading_ease(HARD * 2, "en_US"), 20)
        easy = "O sofá é azul. Ele é bom e largo. Sente e descanse. A capa sai e vai bem "
        easy += "para lavar em casa."
        self.assertGreater(readability.reading_ease(easy, "pt_BR"), 70)
        easy = "El sofá es azul. Es suave y ancho. Ven a casa y descansa. La funda se lava "
        easy += "muy bien en la casa."
        self.assertGreater(readability.reading_ease(easy, "es_MX"), 70)

    def test_short_texts_and_other_languages_have_none(self):
        self.assertIsNone(readability.reading_ease("Blue sofa.", "en_US"))
        self.assertIsNone(readability.reading_ease(EASY, "ja_JP"))

    def test_syllables(self):
        for word, language, count in (
            ("table", "en", 2), ("chairs", "en", 1), ("beautiful", "en", 3), ("sofá", "pt", 2),
            ("cadeira", "pt", 3), ("saúde", "pt", 3), ("país", "pt", 2), ("mesa", "es", 2),
        ):  # fmt: skip
            with self.subTest(word=word):
                self.assertEqual(readability.syllables(word, language), count)


@tagged("post_install", "-at_install")
class TestQuality(BaseCase):
    GOOD = {
        "short_description": "A blue sofa of oak for quiet evenings.",
        "description": "<p>The sofa is blue and soft. " + "Sit on it and rest after work. " * 9
        + "</p>",
        "key_features": "Blue linen\nOak frame\n210 cm wide",
        "seo_title": "Blue sofa of oak, 210 cm",
        "meta_description": "A blue sofa of oak, 210 cm wide, with a linen cover that you wash.",
    }  # fmt: skip
    FACTS = [
        {"source": "attribute:Color", "label": "Color", "value": "Blue, Gray"},
        {"source": "field:weight", "label": "Weight", "value": "210 cm"},
        {"source": "field:barcode", "label": "Barcode", "value": "2000000100012"},
    ]

    def _codes(self, texts=None, **more):
        texts = {**self.GOOD, **(texts or {})}
        measured = quality.measure(texts, language="en_US", **{"facts": self.FACTS, **more})
        return {reason.code: reason for reason in measured.reasons}, measured.score

    def test_a_good_text_loses_nothing(self):
        self.assertEqual(self._codes(), ({}, 100))

    def test_every_fault_costs_and_is_named(self):
        long = "Word by word it goes on. " * 60
        for code, texts, more in (
            ("too_short", {"description": "<p>Blue.</p>"}, {}),
            ("too_long", {"description": f"<p>{long}</p>"}, {}),
            (
                "facts",
                {},
                {"facts": [{"source": "a:Wood", "label": "Wood", "value": "Ash"}]},
            ),
            ("hard_to_read", {"description": f"<p>{HARD * 3}</p>"}, {}),
            ("duplicate", {}, {"siblings": [self.GOOD["description"]]}),
            ("banned", {}, {"voice": {"banned": ["QUIET"]}}),
            ("unsupported", {}, {"unsupported": 1}),
            ("required", {}, {"voice": {"required": ["Ipê"]}}),
            ("unclean_html", {"description": self.GOOD["description"] + "<font>x</font>"}, {}),
            ("over_limit", {"seo_title": "x" * 61}, {}),
            ("under_limit", {"meta_description": "Sofa."}, {}),
            ("few_features", {"key_features": "Blue linen 210 cm"}, {}),
            ("repeated", {"key_features": "Blue\nblue\nOak\n210 cm"}, {}),
        ):
            with self.subTest(code=code):
                reasons, score = self._codes(texts, **more)
                self.assertIn(code, reasons)
                self.assertEqual(score, 100 - sum(reason.points for reason in reasons.values()))

    def test_nothing_is_worth_nothing(self):
        measured = quality.measure({"description": "<p><br></p>"}, language="pt_BR")
        self.assertEqual((measured.score, measured.reasons[0].code), (0, "empty"))

    def test_the_score_never_leaves_its_scale(self):
        texts = {"description": "<h1>bad", "key_features": "bad", "seo_title": "x" * 99}
        measured = quality.measure(
            texts,
            language="en_US",
            facts=self.FACTS,
            voice={"banned": ["bad"], "required": ["a", "b"], "length": "long"},
        )
        self.assertEqual(measured.score, 0)

    def test_accents_and_case_do_not_hide_a_banned_word(self):
        self.assertEqual(quality.banned_in("Um sofá IMPERDÍVEL", ["imperdivel"]), ["imperdivel"])
        self.assertEqual(quality.banned_in("baratos", ["barato"]), [])
