/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* what tests of an agent need: a setup, memory settings, content to write and a place to read to */

#include "base/ub-error.h"
#include "da/ub-da.h"
#include "wire/ub-checksum.h"

#include <string.h>

/* the eMMC of the recorded conversation, transmission order */
static const guint8 test_cid[16] = { 0x11, 0x01, 0x00, 0x4f, 0x52, 0x41, 0x43, 0x4c,
                                     0x45, 0x10, 0x12, 0x34, 0x56, 0x78, 0x87, 0x01 };

/* @n records of @record_size bytes; byte i of record r is i + r. Record @match is for test_cid (n:
 * none is), the others for memories that do not exist */
static inline UbEmi *
test_emi_new (guint version, gsize record_size, guint n, guint match)
{
  UbEmi  *emi = g_new0 (UbEmi, 1);
  guint8 *data = g_malloc0 (record_size * n + 1);

  emi->origin = g_strdup ("preloader_test.bin");
  emi->version = version;
  emi->record_size = record_size;
  emi->index = g_array_new (FALSE, TRUE, sizeof (UbEmiRecord));
  for (guint r = 0; r < n; r++)
    {
      UbEmiRecord record = { .id_length = 9, .type = 0x0203, .offset = r * record_size };

      memcpy (record.id, test_cid, 9);
      if (r != match)
        record.id[8] = (guint8) (0xe0 + r);
      g_array_append_val (emi->index, record);
      for (gsize i = 0; i < record_size; i++)
        data[r * record_size + i] = (guint8) (i + r);
    }
  emi->records = g_bytes_new_take (data, record_size * n);
  return emi;
}

typedef struct
{
  UbDaSetup  setup;
  GPtrArray *emis;
} TestSetup;

static inline void
test_setup_clear (TestSetup *self)
{
  g_clear_pointer (&self->setup.da1, g_bytes_unref);
  g_clear_pointer (&self->setup.da2, g_bytes_unref);
  g_clear_pointer (&self->emis, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TestSetup, test_setup_clear)

#define TEST_DA1 "SLC percent."

/* borrows nothing; @emi: (transfer full) (nullable) */
static inline void
test_setup_init (TestSetup *self, guint16 hw_code, guint year, gsize da2_size, UbEmi *emi)
{
  *self = (TestSetup){ 0 };
  self->emis = g_ptr_array_new_with_free_func ((GDestroyNotify) ub_emi_free);
  if (emi != NULL)
    g_ptr_array_add (self->emis, emi);
  self->setup = (UbDaSetup){ .chip = ub_chip_find (hw_code),
                             .brom = { .brom_version = 5, .bl_version = 1, .hw_code = hw_code },
                             .da1 = g_bytes_new_static (TEST_DA1, strlen (TEST_DA1)),
                             .da1_address = 0x200000,
                             .da2 = g_bytes_new_take (g_malloc0 (da2_size), da2_size),
                             .da2_address = 0x80000000,
                             .build_year = year,
                             .emis = self->emis };
}

/* boot ROM's part for TEST_DA1: upload and jump, as a recording */
#define TEST_UPLOAD                                                                                \
  "H>D d7\nD>H d7\nH>D 00200000\nD>H 00200000\nH>D 0000000c\nD>H 0000000c\nH>D 00000000\nD>H "     \
  "00000000\nD>H 0000\n"                                                                           \
  "H>D 534c432070657263656e742e\nD>H %04x\nD>H 0000\n"                                             \
  "H>D d5\nD>H d5\nH>D 00200000\nD>H 00200000\nD>H 0000\n"

static inline char *
test_dup_upload (void)
{
  return g_strdup_printf (TEST_UPLOAD,
                          ub_checksum_xor16 ((const guint8 *) TEST_DA1, strlen (TEST_DA1)));
}

/* --- content --- */

typedef struct
{
  guint8        buffer[0x100000];
  guint8        seed; /* byte i of the content is seed + step × i */
  guint8        step;
  guint64       position;
  GCancellable *cancel_at_end; /* cancelled with the packet that ends at @end */
  guint64       end;
  gboolean      fail;
} TestSource;

static inline gboolean
test_source_give (gpointer user_data, gsize size, UbDaPacket *packet, GError **error)
{
  TestSource *self = user_data;

  g_assert_cmpuint (size, <=, sizeof self->buffer);
  if (self->fail)
    {
      g_set_error_literal (error, UB_ERROR, UB_ERROR_FILE_READ, "the file is gone");
      return FALSE;
    }
  for (gsize i = 0; i < size; i++)
    self->buffer[i] = (guint8) (self->seed + self->step * (self->position + i));
  self->position += size;
  if (self->cancel_at_end != NULL && self->position >= self->end)
    g_cancellable_cancel (self->cancel_at_end);
  *packet = (UbDaPacket){ self->buffer, size, ub_checksum_sum16 (self->buffer, size) };
  return TRUE;
}

static inline gboolean
test_sink_take (gpointer user_data, const guint8 *data, gsize size, GError **error)
{
  g_byte_array_append (user_data, data, (guint) size);
  return TRUE;
}
