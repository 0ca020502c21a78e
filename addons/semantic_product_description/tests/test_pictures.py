import base64
import io
import random

from PIL import Image

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..pictures import LONGEST, MOST, reduced
from .common import DescriptionCase, claim


def drawn(mode="RGB", size=(40, 30), color="red", kind="PNG"):
    """Return the bytes of a picture of one color."""
    told = io.BytesIO()
    Image.new(mode, size, color).save(told, kind)
    return told.getvalue()


def noise(size, kind="PNG"):
    """Return a picture that no format makes small, the same each time."""
    told = io.BytesIO()
    data = random.Random(7).randbytes(size[0] * size[1] * 3)
    Image.frombytes("RGB", size, data).save(told, kind)
    return told.getvalue()


def webp(chunk, told):
    """Return the head of a WebP whose first chunk is `chunk`."""
    body = chunk + (len(told)).to_bytes(4, "little") + told
    return (b"RIFF" + len(body).to_bytes(4, "little") + b"WEBP" + body).ljust(64, b"\0")


def lossy(width, height):
    size = width.to_bytes(2, "little") + height.to_bytes(2, "little")
    return webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + size)


@tagged("post_install", "-at_install")
class TestPictures(DescriptionCase):
    def _image(self, product=None):
        return self._facade().product_image((product or self.product).id)

    def _size(self, data):
        return Image.open(io.BytesIO(data)).size

    def test_what_is_small_is_given_as_it_is(self):
        for kind, mimetype in (("PNG", "image/png"), ("JPEG", "image/jpeg")):
            data = drawn(kind=kind)
            self.assertEqual(reduced(data), (data, mimetype))
        extended = webp(b"VP8X", b"\0\0\0\0" + (799).to_bytes(3, "little") * 2)
        lossless = webp(b"VP8L", b"\x2f" + (799 | 599 << 14).to_bytes(4, "little"))
        for data in (lossy(800, 600), extended, lossless):
            self.assertEqual(reduced(data), (data, "image/webp"))

    def test_what_is_large_becomes_a_small_jpeg(self):
        for data in (noise((1500, 1100)), noise((900, 900), "BMP"), drawn(size=(1025, 10))):
            small, mimetype = reduced(data)
            self.assertEqual(mimetype, "image/jpeg")
            self.assertLessEqual(len(small), MOST)
            self.assertLessEqual(max(self._size(small)), LONGEST)

    def test_what_is_transparent_stands_on_white(self):
        clear = drawn("RGBA", (1200, 20), (0, 0, 0, 0))
        pixel = Image.open(io.BytesIO(reduced(clear)[0])).getpixel((5, 5))
        self.assertTrue(all(value > 250 for value in pixel), pixel)
        self.assertEqual(reduced(drawn("CMYK", (1200, 20), 0, "JPEG"))[1], "image/jpeg")

    def test_other_files_are_no_pictures(self):
        endless = drawn(size=(8000, 7000))  # small as a file, 56 million pixels
        script = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"
        for data in (b"", b"x", b"<svg/>", b"%PDF-1.7", script, endless, lossy(1025, 8),
                     webp(b"VP8?", b""), drawn(size=(1300, 900))[:20],
                     lossy(800, 600) + b"x" * MOST):  # fmt: skip
            self.assertIsNone(reduced(data), data[:20])

    def test_the_model_is_shown_a_reduced_image(self):
        self.assertEqual(self._image(), {})
        self.product.image_1920 = base64.b64encode(noise((1500, 1100), "JPEG"))
        told = self._image()
        self.assertEqual(told["mimetype"], "image/jpeg")
        data = base64.b64decode(told["data"], validate=True)
        self.assertLessEqual(len(data), MOST)
        self.assertLessEqual(max(self._size(data)), LONGEST)
        self.assertTrue(self._facade().writing_brief(self.product.id)["image"])

    def test_the_manager_may_keep_images_to_the_house(self):
        self.product.image_1920 = base64.b64encode(drawn())
        self.assertEqual(self._image()["mimetype"], "image/png")
        self.settings.tell_image = False
        self.assertEqual(self._image(), {})

    def test_an_image_is_its_tenants_alone(self):
        other = self.env["res.company"].create({"name": "Other"})
        image = base64.b64encode(drawn())
        theirs, shared = self.env["product.template"].create(
            [
                {"name": "Theirs", "company_id": other.id, "image_1920": image},
                {"name": "Shared", "company_id": False, "image_1920": image},
            ]
        )
        for product in (theirs, shared):
            with self.assertRaises(UserError):
                self._image(product)
        with self.assertRaises(AccessError):
            self.env["ai.facade"].with_user(self.manager).product_image(self.product.id)
        self.assertIn("product_image", self._facade().ping()["capabilities"])

    def test_images_come_one_by_one(self):
        self.product.image_1920 = base64.b64encode(drawn())
        call = {"method": "product_image", "arguments": {"product_id": self.product.id}}
        (answer,) = self._facade().batch([call])
        self.assertEqual((answer["ok"], answer["kind"]), (False, "not_offered"))

    def test_a_picture_tells_no_measure_and_no_material(self):
        seen = {"source": "image", "supported": True}
        text = self._text(
            short_description="A white chair of oak, 45 cm.",
            claims=[
                claim(text="white", kind="other", **seen),
                claim(text="oak", kind="material", **seen),
                claim(text="45 cm", kind="size", **seen),
            ],
        )
        states = {row.text: row.state for row in text.claim_ids}
        self.assertEqual(states, {"white": "supported", "oak": "open", "45 cm": "open"})
        white = text.claim_ids.filtered(lambda row: row.text == "white")
        self.assertEqual(white.source_label, "The product's image")
        self.assertEqual(white.with_context(lang="pt_BR").source_label, "A imagem do produto")
        with self.assertRaises(UserError):
            text.with_user(self.user).action_approve()
