from odoo.tests import BaseCase, tagged

from .. import gaps


@tagged("post_install", "-at_install")
class TestGapsEngine(BaseCase):
    def test_forms_of_a_word_are_one_stem(self):
        for words in (
            "Vocês entregam? entrega entregar entregas ENTREGANDO entregou",
            "parcela parcelam parcelar parcelado parcelamento",
            "assembled assembles assembling",
            "garantia garantias",
        ):
            with self.subTest(words=words):
                self.assertEqual(len(gaps.stems(words)), 1)

    def test_words_that_say_nothing_are_left_out(self):
        for words in ("", "??", "Oi, bom dia! Tudo", "hello, can you please", "😀", "a e o"):
            self.assertLessEqual(len(gaps.stems(words)), 1, words)
        self.assertEqual(list(gaps.stems("Você tem estacionamento?").values()), ["estacionamento"])

    def test_accents_do_not_matter(self):
        self.assertEqual(
            gaps.stems("Há ESTACIONAÇÃO?").keys(), gaps.stems("ha estacionacao").keys()
        )
        self.assertEqual(list(gaps.stems("Móveis").values()), ["móveis"], "people read the words")

    def test_alike_questions_find_each_other(self):
        groups = {
            1: gaps.stems("Vocês entregam em Campinas?"),
            2: gaps.stems("Aceitam cheque?"),
        }
        for question, expected in (
            ("A entrega em Campinas quanto custa?", 1),
            ("posso pagar com cheque", 2),
            ("Qual o horário de sábado?", None),
            ("", None),
        ):
            with self.subTest(question=question):
                self.assertEqual(gaps.best(gaps.stems(question), groups), expected)
        same = {7: ["a", "b"], 3: ["a", "b"]}
        self.assertEqual(gaps.best(["a", "b"], same), 3, "the oldest of equals")

    def test_a_group_is_told_by_what_most_ask(self):
        questions = [
            "Vocês entregam em Campinas?",
            "entrega Campinas quanto custa",
            "Entregam em Campinas sábado?",
        ]
        self.assertEqual(list(gaps.core(questions).values()), ["entregam", "campinas"])
        self.assertEqual(gaps.core([]), {})
