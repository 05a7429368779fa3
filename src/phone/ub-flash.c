/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "phone/ub-flash.h"

#include <openssl/evp.h>
#include <string.h>

#include "phone/ub-phone.h"

#define PAGE_SIZE 65536u

/* a page is either a pointer to its bytes, or its fill value shifted left with bit 0 set; NULL: all
 * zeros */
struct _UbFlash
{
  guint64   size;
  guint64   n_pages;
  guint64   n_owned; /* pages with bytes of their own */
  gpointer *pages;
};

static gboolean
is_fill (gpointer page)
{
  return page == NULL || (GPOINTER_TO_SIZE (page) & 1) != 0;
}

static guint8
fill_of (gpointer page)
{
  return (guint8) (GPOINTER_TO_SIZE (page) >> 1);
}

static gboolean
all_equal (const guint8 *data, gsize size)
{
  return size < 2 || memcmp (data, data + 1, size - 1) == 0;
}

UbFlash *
ub_flash_new (guint64 size)
{
  UbFlash *self = g_new0 (UbFlash, 1);

  self->size = size;
  self->n_pages = (size + PAGE_SIZE - 1) / PAGE_SIZE;
  self->pages = g_new0 (gpointer, MAX (self->n_pages, 1));
  return self;
}

void
ub_flash_free (UbFlash *self)
{
  for (guint64 i = 0; i < self->n_pages; i++)
    if (!is_fill (self->pages[i]))
      g_free (self->pages[i]);
  g_free (self->pages);
  g_free (self);
}

guint64
ub_flash_get_size (UbFlash *self)
{
  return self->size;
}

/* how many of @size bytes from @offset on lie within one page and within the flash */
static gsize
span (UbFlash *self, guint64 offset, guint64 size)
{
  guint64 n = PAGE_SIZE - offset % PAGE_SIZE;

  if (offset >= self->size)
    return 0;
  return (gsize) MIN (MIN (n, size), self->size - offset);
}

void
ub_flash_read (UbFlash *self, guint64 offset, guint8 *data, gsize size)
{
  gsize n;

  for (; (n = span (self, offset, size)) > 0; offset += n, data += n, size -= n)
    {
      gpointer page = self->pages[offset / PAGE_SIZE];

      if (is_fill (page))
        memset (data, fill_of (page), n);
      else
        memcpy (data, (guint8 *) page + offset % PAGE_SIZE, n);
    }
  memset (data, 0, size);
}

static void
collapse (UbFlash *self, guint64 index, guint8 value)
{
  if (!is_fill (self->pages[index]))
    {
      g_free (self->pages[index]);
      self->n_owned--;
    }
  self->pages[index] = GSIZE_TO_POINTER (((gsize) value << 1) | 1);
}

static guint8 *
own (UbFlash *self, guint64 index, gboolean whole)
{
  gpointer page = self->pages[index];

  if (!is_fill (page))
    return page;
  self->pages[index] = g_malloc (PAGE_SIZE);
  self->n_owned++;
  if (!whole)
    memset (self->pages[index], fill_of (page), PAGE_SIZE);
  return self->pages[index];
}

static void
write_page (UbFlash *self, guint64 offset, const guint8 *data, gsize n)
{
  guint64  index = offset / PAGE_SIZE;
  gboolean whole = n == PAGE_SIZE;
  gpointer page = self->pages[index];
  guint8  *bytes;

  if (all_equal (data, n) && (whole || (is_fill (page) && fill_of (page) == data[0])))
    {
      collapse (self, index, data[0]);
      return;
    }
  bytes = own (self, index, whole);
  memcpy (bytes + offset % PAGE_SIZE, data, n);
  if (!whole && (offset + n) % PAGE_SIZE == 0 && all_equal (bytes, PAGE_SIZE))
    collapse (self, index, bytes[0]);
}

void
ub_flash_write (UbFlash *self, guint64 offset, const guint8 *data, gsize size)
{
  gsize n;

  for (; (n = span (self, offset, size)) > 0; offset += n, data += n, size -= n)
    write_page (self, offset, data, n);
}

void
ub_flash_fill (UbFlash *self, guint64 offset, guint64 size, guint8 value)
{
  gsize n;

  for (; (n = span (self, offset, size)) > 0; offset += n, size -= n)
    {
      guint64 index = offset / PAGE_SIZE;

      if (n == PAGE_SIZE || (is_fill (self->pages[index]) && fill_of (self->pages[index]) == value))
        collapse (self, index, value);
      else
        memset (own (self, index, FALSE) + offset % PAGE_SIZE, value, n);
    }
}

char *
ub_flash_hash (UbFlash *self, guint64 offset, guint64 size)
{
  g_autofree guint8 *scratch = g_malloc (PAGE_SIZE);
  EVP_MD_CTX        *context = EVP_MD_CTX_new ();
  guint8             digest[EVP_MAX_MD_SIZE];
  unsigned int       length = 0;
  GString           *hex = g_string_new (NULL);

  EVP_DigestInit_ex (context, EVP_sha256 (), NULL);
  while (size > 0)
    {
      gsize n = (gsize) MIN (size, PAGE_SIZE);

      ub_flash_read (self, offset, scratch, n);
      EVP_DigestUpdate (context, scratch, n);
      offset += n;
      size -= n;
    }
  EVP_DigestFinal_ex (context, digest, &length);
  EVP_MD_CTX_free (context);
  for (guint i = 0; i < length; i++)
    g_string_append_printf (hex, "%02x", digest[i]);
  return g_string_free (hex, FALSE);
}

guint16
ub_flash_sum (UbFlash *self, guint64 offset, guint64 size)
{
  g_autofree guint8 *scratch = g_malloc (PAGE_SIZE);
  guint16            sum = 0;

  while (size > 0)
    {
      gsize n = (gsize) MIN (size, PAGE_SIZE);

      ub_flash_read (self, offset, scratch, n);
      sum += ub_practice_phone_sum (scratch, n);
      offset += n;
      size -= n;
    }
  return sum;
}

guint64
ub_flash_get_memory (UbFlash *self)
{
  return self->n_owned * PAGE_SIZE;
}
