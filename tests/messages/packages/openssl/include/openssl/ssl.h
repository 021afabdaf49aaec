int SSL_library_init(void);
