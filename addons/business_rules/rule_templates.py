AREAS = ("ecommerce",)
