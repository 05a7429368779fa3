/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Where a file is, as people know it. In a sandbox a chosen file lies in the documents portal's mount
 * (/run/user/UID/doc/ID/NAME…), a path that tells nobody anything. What is opened again later has to keep
 * it; what is shown goes through here (shared/facts/flatpak.md §5). */

/**
 * UbPlaceReader:
 * @path: a file in the mount
 * @value: (out): what the portal says of it, not terminated
 *
 * Returns: its bytes, at most @size; negative if it says nothing
 */
typedef gssize (*UbPlaceReader) (const char *path, char *value, gsize size, gpointer user_data);

/* (transfer full) (type filename): the path on the computer itself; where the portal does not tell, the part
 * from the chosen name on. Any other path as it is. Never the portal's */
char *ub_place_dup_shown (const char *path);
/* (transfer full): @text (UTF-8 or not, JSON as well) with every such path in it as people know it */
char *ub_place_dup_shown_text (const char *text);
/* the same two with another mount than the usual ones, and somebody else asked; for tests */
char *ub_place_dup_shown_in (const char   *mount,
                             UbPlaceReader reader,
                             gpointer      user_data,
                             const char   *path);
char *ub_place_dup_shown_text_in (const char   *mount,
                                  UbPlaceReader reader,
                                  gpointer      user_data,
                                  const char   *text);
/* (transfer full) (nullable) (type filename): where it is on the computer itself, for a file chooser to begin with: that
 * is no part of the sandbox. %NULL if nobody tells */
char *ub_place_dup_real (const char *path);
/* the same for the folder @path lies in */
char *ub_place_dup_real_folder (const char *path);
/* does @path lie in the portal's mount? */
gboolean ub_place_is_document (const char *path);
/* is this program in a Flatpak, where it sees only what was chosen? */
gboolean ub_place_is_sandboxed (void);
/* is @path one that is not there only because we may not see it? */
gboolean ub_place_is_hidden (const char *path);
/* the same below @root instead of / */
gboolean ub_place_is_hidden_below (const char *root, const char *path);
/* would what is written to @path be gone with the program? In a sandbox the home folder is only memory, until
 * somebody chooses a folder in it */
gboolean ub_place_is_lost (const char *path);
/* the same for the sandbox whose root is @root; @path is the real one */
gboolean ub_place_is_lost_in (const char *root, const char *path);

G_END_DECLS
