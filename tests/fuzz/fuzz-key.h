/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* a key, for phones that ask for a login */

#include "wire/ub-key.h"

#include <string.h>

/* nobody's */
static const char fuzz_key_pem[] =
    "-----BEGIN RSA PRIVATE KEY-----\n"
    "MIICXAIBAAKBgQDPwD3ThQvinGVsYdAKGuL2EWR67MWWFmqjV7yI5mZVEoHJ3Gdo\n"
    "CrqXQDB62O+RXnLDB6AEopOydXBwx1aoiZfssIBIVMJ4wOrGbUQUng9HG/M9J5Bd\n"
    "XSig0Mvmq7Oa7Z9n1UuQ1yAN/FMN9mcCBEWum9VzySdvv6JDzJ7hrWu1TwIDAQAB\n"
    "AoGBAJAYNsnPLj8vWumhrjpUC7fAuIDKWQGQ6sYAxLPvmmrHO15XkSGIz4K48udC\n"
    "MGgTqmW7lDGi0e6lpieTG3gqd0Rj/Ggtz0LsCn8pyTzOzSIR+UERFtlPuPfx43cY\n"
    "2KG/uExNi3VEPP1oaCbbWG/vmC2GM2LuHZkbDLz9GKISY42BAkEA5+nFnmdsL/8X\n"
    "2Osp2NQLf0gtLi87RhP9WcX3Vf7jYbGPFvcAf57UvuZM2k0RIJpb74Klx5L+ukgt\n"
    "HqsiXKFpewJBAOVUCBs8aGnq/PNGaFZXV40D+6Quhfvx50GGMx4cMVO8Cej/kzod\n"
    "0u+KCz/3/xTSt4Ot2oXbaCQ59ufcUtosyT0CQDlVV9/DXcG35ONhr+TE91quM005\n"
    "rAO1KWsqP+1oqDoctW1N/zeNwra3JMTLTLKstpHN0MI4GvVeppjwYfxYg0UCQCS8\n"
    "GzhRquAcljxZ8OizwQCDvNGF6kx7aXHjj1ipZ3VkT6oVFn5evKVGVZr/nMq3HlJn\n"
    "jPOYO8xhxJ1Le7IbLnkCQDWrVlzDN5ZM4jac0fVUKX9g/kyzsy3zzspqhuiRwo30\n"
    "A/Co7i/QnU+mK06QT6Y49djcd75BYs50wtLb3Ji7vT0=\n"
    "-----END RSA PRIVATE KEY-----\n";

/* parsed once: it takes longer than all of the rest */
static gpointer
fuzz_key_parse (gpointer data)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (fuzz_key_pem, strlen (fuzz_key_pem));

  return ub_key_parse (bytes, "nobody's", NULL);
}

static inline UbKey *
fuzz_key_get (void)
{
  static GOnce once = G_ONCE_INIT;

  return g_once (&once, fuzz_key_parse, NULL);
}
