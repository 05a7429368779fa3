/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "link/ub-link-replay.h"

#include "base/ub-error.h"

#include <string.h>

typedef struct
{
  gboolean from_host;
  GBytes  *bytes; /* (nullable): known by length and hash only */
  gsize    size;
  char    *hash;    /* (nullable): begin of the SHA-256, hex */
  char    *comment; /* the line's own, and the heading above it */
  guint    line;
} Item;

struct _UbLinkReplay
{
  GObject parent_instance;

  GPtrArray  *items;   /* of Item */
  guint       now;     /* index of the present item */
  GByteArray *sent;    /* by the host, of the present item */
  GByteArray *pending; /* by the phone, not yet received */
  GPtrArray  *blocks;  /* of GBytes */
  gboolean    lenient;
  GError     *failure; /* (nullable): the first difference */
  gint64      time;
};

static void ub_link_replay_link_init (UbLinkInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (UbLinkReplay,
                               ub_link_replay,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (UB_TYPE_LINK, ub_link_replay_link_init))

static void
item_free (gpointer data)
{
  Item *self = data;

  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_free (self->hash);
  g_free (self->comment);
  g_free (self);
}

/* "(4096 bytes, sha256 d100a891e738e977)" */
static gboolean
parse_block (Item *item, const char *text)
{
  char   *end = NULL;
  guint64 size = g_ascii_strtoull (text + 1, &end, 10);
  char  **words;

  if (!g_str_has_prefix (end, " bytes, sha256 "))
    return FALSE;
  words = g_strsplit_set (end + strlen (" bytes, sha256 "), ") ", 2);
  item->hash = g_strdup (words[0]);
  item->size = size;
  g_strfreev (words);
  return TRUE;
}

static gboolean
parse_hex (Item *item, const char *text)
{
  GByteArray *bytes = g_byte_array_new ();
  const char *p = text;

  for (; g_ascii_isxdigit (p[0]) && g_ascii_isxdigit (p[1]); p += 2)
    {
      guint8 byte = (guint8) (g_ascii_xdigit_value (p[0]) << 4 | g_ascii_xdigit_value (p[1]));

      g_byte_array_append (bytes, &byte, 1);
    }
  item->size = bytes->len;
  item->bytes = g_byte_array_free_to_bytes (bytes);
  return item->size > 0 && (*p == '\0' || g_ascii_isspace (*p));
}

static Item *
parse_line (const char *line, const char *heading, guint number)
{
  const char *comment = strstr (line, "; ");
  Item       *item = g_new0 (Item, 1);
  gboolean    ok;

  item->from_host = g_str_has_prefix (line, "H>D ");
  item->line = number;
  item->comment = g_strdup_printf ("%s\n%s", comment != NULL ? comment + 2 : "", heading);
  ok = line[4] == '(' ? parse_block (item, line + 4) : parse_hex (item, line + 4);
  if (!ok)
    g_clear_pointer (&item, item_free);
  return item;
}

UbLink *
ub_link_replay_new_from_text (const char *text, GError **error)
{
  g_autoptr (UbLinkReplay) self = g_object_new (UB_TYPE_LINK_REPLAY, NULL);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  const char *heading = "";

  for (guint i = 0; lines[i] != NULL; i++)
    {
      Item *item;

      g_strchomp (lines[i]);
      if (lines[i][0] == '#')
        heading = lines[i];
      if (lines[i][0] == '#' || lines[i][0] == '\0')
        continue;
      item = g_str_has_prefix (lines[i], "H>D ") || g_str_has_prefix (lines[i], "D>H ")
                 ? parse_line (lines[i], heading, i + 1)
                 : NULL;
      if (item == NULL)
        {
          g_set_error (error,
                       UB_ERROR,
                       UB_ERROR_FILE_READ,
                       "recording: line %u is not understood",
                       i + 1);
          return NULL;
        }
      g_ptr_array_add (self->items, item);
    }
  return UB_LINK (g_steal_pointer (&self));
}

UbLink *
ub_link_replay_new_from_file (const char *path, GError **error)
{
  g_autofree char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, error))
    return NULL;
  return ub_link_replay_new_from_text (text, error);
}

void
ub_link_replay_add_block (UbLinkReplay *self, GBytes *block)
{
  g_ptr_array_add (self->blocks, g_bytes_ref (block));
}

void
ub_link_replay_set_lenient_blocks (UbLinkReplay *self, gboolean lenient)
{
  self->lenient = lenient;
}

static Item *
present_item (UbLinkReplay *self)
{
  return self->now < self->items->len ? g_ptr_array_index (self->items, self->now) : NULL;
}

gboolean
ub_link_replay_seek (UbLinkReplay *self, const char *text)
{
  for (guint i = self->now; i < self->items->len; i++)
    {
      Item *item = g_ptr_array_index (self->items, i);

      if (strstr (item->comment, text) != NULL)
        {
          self->now = i;
          g_byte_array_set_size (self->sent, 0);
          g_byte_array_set_size (self->pending, 0);
          return TRUE;
        }
    }
  return FALSE;
}

gboolean
ub_link_replay_is_finished (UbLinkReplay *self)
{
  return self->failure == NULL && self->now == self->items->len && self->pending->len == 0 &&
         self->sent->len == 0;
}

guint
ub_link_replay_get_line (UbLinkReplay *self)
{
  Item *item = present_item (self);

  return item != NULL ? item->line : 0;
}

static gboolean
hash_matches (const Item *item, const guint8 *data, gsize size)
{
  g_autofree char *hash = g_compute_checksum_for_data (G_CHECKSUM_SHA256, data, size);

  return size == item->size && g_str_has_prefix (hash, item->hash);
}

/* what the phone said, as long as it is its turn, goes to the pending bytes */
static void
let_phone_speak (UbLinkReplay *self)
{
  Item *item;

  for (; (item = present_item (self)) != NULL && !item->from_host; self->now++)
    {
      GBytes *bytes = item->bytes;

      for (guint i = 0; bytes == NULL && i < self->blocks->len; i++)
        {
          GBytes       *block = g_ptr_array_index (self->blocks, i);
          gsize         size;
          const guint8 *data = g_bytes_get_data (block, &size);

          if (hash_matches (item, data, size))
            bytes = block;
        }
      if (bytes != NULL)
        g_byte_array_append (self->pending, g_bytes_get_data (bytes, NULL), (guint) item->size);
      else
        {
          guint old = self->pending->len;

          g_byte_array_set_size (self->pending, old + (guint) item->size);
          memset (self->pending->data + old, 0, item->size);
        }
    }
}

static gboolean
fail (UbLinkReplay *self, const Item *item, const char *what, GError **error)
{
  self->failure = g_error_new (UB_ERROR,
                               UB_ERROR_PROTOCOL,
                               "recording, line %u (%.*s): %s",
                               item != NULL ? item->line : 0,
                               item != NULL ? (int) strcspn (item->comment, "\n") : 0,
                               item != NULL ? item->comment : "",
                               what);
  g_propagate_error (error, g_error_copy (self->failure));
  return FALSE;
}

/* compares what is there of the present item; a whole item makes room for the next */
static gboolean
take_sent (UbLinkReplay *self, const guint8 *data, gsize size, GError **error)
{
  while (size > 0)
    {
      Item *item;
      gsize part;

      let_phone_speak (self);
      item = present_item (self);
      if (item == NULL)
        return fail (self, NULL, "the host goes on after the end", error);
      part = MIN (size, item->size - self->sent->len);
      if (item->bytes != NULL &&
          memcmp ((const guint8 *) g_bytes_get_data (item->bytes, NULL) + self->sent->len,
                  data,
                  part) != 0)
        return fail (self, item, "the host sent other bytes", error);
      g_byte_array_append (self->sent, data, (guint) part);
      data += part;
      size -= part;
      if (self->sent->len < item->size)
        continue;
      if (item->bytes == NULL && !self->lenient &&
          !hash_matches (item, self->sent->data, self->sent->len))
        return fail (self, item, "the host sent another block", error);
      g_byte_array_set_size (self->sent, 0);
      self->now++;
    }
  return TRUE;
}

static gboolean
ub_link_replay_send (UbLink            *link,
                     const UbLinkPiece *pieces,
                     guint              n_pieces,
                     guint              timeout_ms,
                     GError           **error)
{
  UbLinkReplay *self = UB_LINK_REPLAY (link);

  for (guint i = 0; i < n_pieces; i++)
    {
      if (self->failure != NULL)
        {
          g_propagate_error (error, g_error_copy (self->failure));
          return FALSE;
        }
      if (!take_sent (self, pieces[i].data, pieces[i].size, error))
        return FALSE;
    }
  return TRUE;
}

static gssize
ub_link_replay_receive_some (UbLink  *link,
                             guint8  *data,
                             gsize    size,
                             guint    timeout_ms,
                             GError **error)
{
  UbLinkReplay *self = UB_LINK_REPLAY (link);
  gsize         part;

  if (self->failure != NULL)
    {
      g_propagate_error (error, g_error_copy (self->failure));
      return -1;
    }
  let_phone_speak (self);
  part = MIN (size, self->pending->len);
  if (part == 0)
    {
      self->time += (gint64) timeout_ms * 1000;
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_LINK_TIMEOUT,
                   "recording, line %u: the phone has nothing to say here",
                   ub_link_replay_get_line (self));
      return -1;
    }
  memcpy (data, self->pending->data, part);
  g_byte_array_remove_range (self->pending, 0, (guint) part);
  return (gssize) part;
}

static void
ub_link_replay_sleep (UbLink *link, guint ms)
{
  UB_LINK_REPLAY (link)->time += (gint64) ms * 1000;
}

static gint64
ub_link_replay_now (UbLink *link)
{
  return UB_LINK_REPLAY (link)->time;
}

static void
ub_link_replay_link_init (UbLinkInterface *iface)
{
  iface->send = ub_link_replay_send;
  iface->receive_some = ub_link_replay_receive_some;
  iface->sleep = ub_link_replay_sleep;
  iface->now = ub_link_replay_now;
}

static void
ub_link_replay_finalize (GObject *object)
{
  UbLinkReplay *self = UB_LINK_REPLAY (object);

  g_ptr_array_unref (self->items);
  g_ptr_array_unref (self->blocks);
  g_byte_array_unref (self->sent);
  g_byte_array_unref (self->pending);
  g_clear_error (&self->failure);
  G_OBJECT_CLASS (ub_link_replay_parent_class)->finalize (object);
}

static void
ub_link_replay_class_init (UbLinkReplayClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ub_link_replay_finalize;
}

static void
ub_link_replay_init (UbLinkReplay *self)
{
  self->items = g_ptr_array_new_with_free_func (item_free);
  self->blocks = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  self->sent = g_byte_array_new ();
  self->pending = g_byte_array_new ();
}
