from .loader.hook import post_init_hook
