/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What the window remembers. A program that was not installed has no schema: @self is %NULL then,
 * everything has its default and nothing is remembered. */

/* as in the schema */
#define UB_SETTINGS_COPIES_MAX_DAYS 180
#define UB_SETTINGS_COPIES_MAX_GIGABYTES 10

/* (transfer full) (nullable) */
GSettings *ub_settings_new (void);
int        ub_settings_get_int (GSettings *self, const char *key, int fallback);
gboolean   ub_settings_get_boolean (GSettings *self, const char *key);
void       ub_settings_set_int (GSettings *self, const char *key, int value);
void       ub_settings_set_boolean (GSettings *self, const char *key, gboolean value);
/* (transfer full): never %NULL; "" without a schema */
char *ub_settings_dup_string (GSettings *self, const char *key);
void  ub_settings_set_string (GSettings *self, const char *key, const char *value);
/* (transfer full) (nullable) (type filename): of a setting of bytes, for paths need not be UTF-8 */
char *ub_settings_dup_path (GSettings *self, const char *key);
/* @path (nullable): none */
void ub_settings_set_path (GSettings *self, const char *key, const char *path);
/* (transfer full): never %NULL */
char **ub_settings_get_list (GSettings *self, const char *key);
/* @path becomes the first one of at most ten */
void ub_settings_add_recent (GSettings *self, const char *key, const char *path);
void ub_settings_remove_recent (GSettings *self, const char *key, const char *path);

G_END_DECLS
