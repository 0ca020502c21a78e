"""An ERP that sends its products, customers and orders, and is never asked (`rest-generic`)."""
