/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "engine/ub-journal.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* up to the first zero: the job; then the lines behind a head that fits it */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const uint8_t *zero = size > 0 ? memchr (data, 0, size) : NULL;
  const size_t   length = zero != NULL ? (size_t) (zero - data) : size;
  g_autoptr (GBytes) job = g_bytes_new (data, length);
  g_autofree char *sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, job);
  GString         *lines = g_string_new ("unbrick-position ");
  g_autoptr (GBytes) position = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (UbJournal) journal = NULL;
  g_autofree char *sentence = NULL;

  g_string_append_printf (lines, "%s\n", sha256);
  if (zero != NULL)
    g_string_append_len (lines, (const char *) zero + 1, (gssize) (size - length - 1));
  position = g_string_free_to_bytes (lines);
  journal = ub_journal_new_from_bytes ("/nowhere", job, position, &error);
  g_assert_true ((journal == NULL) == (error != NULL));
  if (journal == NULL)
    return 0;
  g_assert_nonnull (ub_journal_get_phone (journal));
  g_assert_nonnull (ub_journal_get_digest (journal));
  sentence = ub_journal_dup_sentence (journal);
  g_assert_nonnull (sentence);
  return 0;
}
