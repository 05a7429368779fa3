/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * UbKey:
 *
 * A maker's RSA private key, given by the person who owns it. Immutable, thread-safe.
 */
typedef struct _UbKey UbKey;

/* PEM or DER. FILE_READ, FILE_MISSING, or NEEDS_AUTH naming what the file is instead of a key */
UbKey *ub_key_open (const char *path, GError **error);
UbKey *ub_key_parse (GBytes *bytes, const char *name, GError **error);
UbKey *ub_key_ref (UbKey *self);
void   ub_key_unref (UbKey *self);
gsize  ub_key_get_size (const UbKey *self); /* bytes of a signature */
/* answer to a boot ROM's challenge: PKCS#1 v1.5 block of type 1 without DigestInfo, the RSA operation, and both with the bytes of
 * every 16-bit pair changed over (shared/protocol/brom-and-legacy.md §2.7). (transfer full) */
GBytes *ub_key_answer_boot_rom (const UbKey  *self,
                                const guint8 *challenge,
                                gsize         size,
                                GError      **error);
/* answer to an agent's challenge. (transfer full) */
GBytes *ub_key_answer_agent (const UbKey  *self,
                             const guint8 *challenge,
                             gsize         size,
                             GError      **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UbKey, ub_key_unref)

G_END_DECLS
