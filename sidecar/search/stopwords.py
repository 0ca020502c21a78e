"""Words that say nothing about a product: function words, and the talk around a question."""

STOPWORDS: dict[str, tuple[str, ...]] = {
    language: tuple(words.split())
    for language, words in {
        "pt": """
            a à ao aos aquela aquele aqueles as às até com como da das de dela dele deles do dos e é
            ela elas ele eles em entre era essa essas esse esses esta está estas este estes eu foi
            há isso isto já la lhe lo mais mas me mesmo meu minha muito na nas nem no nos nós num
            numa o os ou para pela pelas pelo pelos por pra pro qual quais quando que quem se sem
            ser seu seus só sua suas são também te tem têm ter teu tu tua um uma umas uns você
            vocês olá oi bom boa dia tarde noite favor quero queria gostaria preciso procuro
            procurando busco algum alguma alguns algumas vende vendem""",
        "en": """
            a about an and any are as at be but by can could did do does for from had has have hello
            hey hi how i if in into is it its like looking me my need of on or our please sell so
            some that the their them there these they this those to us want was we were what when
            where which who will with would you your""",
        "es": """
            a al algo alguna alguno algún como con cual cuál cuando de del desde el él ella ellos en
            entre era es esa ese eso esta está este esto estos fue ha hay hola la las le les lo los
            me mi mis muy más ni no nos o para pero por qué que quien quiero quisiera se ser si sin
            sobre son su sus también te tiene tienen tu tus un una unas uno unos usted ustedes y ya
            yo busco necesito""",
    }.items()
}
