/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "app/ub-window-private.h"
#include "base/ub-place.h"

/* what is opened of several things: the lower the better */
enum
{
  RANK_FOLDER,
  RANK_MAP,
  RANK_ENTRY, /* flash.xml leads to a map */
  RANK_OTHER,
  RANK_IMAGE,
};

static guint
get_rank (const char *path)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *lower = g_ascii_strdown (name, -1);
  gboolean         text = g_str_has_suffix (lower, ".txt") || g_str_has_suffix (lower, ".xml");

  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return RANK_FOLDER;
  if (text && strstr (lower, "scatter") != NULL && strstr (lower, "checksum") == NULL)
    return RANK_MAP;
  if (g_str_equal (lower, "flash.xml"))
    return RANK_ENTRY;
  return g_str_has_suffix (lower, ".img") || g_str_has_suffix (lower, ".bin") ? RANK_IMAGE
                                                                              : RANK_OTHER;
}

char *
ub_window_dnd_choose (GSList *files)
{
  g_autofree char *best = NULL;
  guint            best_rank = G_MAXUINT;

  for (GSList *l = files; l != NULL; l = l->next)
    {
      g_autofree char *path = g_file_get_path (l->data);
      guint            rank = path != NULL ? get_rank (path) : G_MAXUINT;

      if (rank >= best_rank)
        continue;
      g_free (best);
      best = g_steal_pointer (&path);
      best_rank = rank;
    }
  /* several images, and no map among them: it may lie beside them, if that can be seen */
  if (best_rank == RANK_IMAGE && files->next != NULL && !ub_place_is_document (best))
    return g_path_get_dirname (best);
  return g_steal_pointer (&best);
}

static gboolean
drop_cb (UbWindow *self, const GValue *value)
{
  g_autofree char *path = ub_window_dnd_choose (g_value_get_boxed (value));

  GSList *files = g_value_get_boxed (value);

  if (files == NULL || ub_window_is_running (self))
    return FALSE;
  if (path != NULL)
    ub_window_open (self, path);
  else
    ub_window_open_file (self, files->data);
  return TRUE;
}

void
ub_window_dnd_init (UbWindow *self)
{
  /* from a sandbox, too: GTK asks the file transfer portal for the list */
  GtkDropTarget *target = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  g_signal_connect_swapped (target, "drop", G_CALLBACK (drop_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
}
