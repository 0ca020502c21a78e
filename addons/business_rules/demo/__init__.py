SHOPS = ()
