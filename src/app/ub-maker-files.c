/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-maker-files.h"

#include <glib/gi18n.h>

#include "app/ub-compat.h"
#include "app/ub-settings.h"
#include "app/ub-words.h"
#include "base/ub-place.h"

typedef enum
{
  FILE_AUTH,
  FILE_CERT,
  FILE_KEY,
  N_FILES,
} File;

struct _UbMakerFiles
{
  GtkWidget parent_instance;

  /* template */
  GtkWidget *grid;
  GtkLabel  *auth_label;
  GtkLabel  *cert_label;
  GtkLabel  *key_label;
  GtkWidget *auth_choose;
  GtkWidget *cert_choose;
  GtkWidget *key_choose;
  GtkWidget *auth_clear;
  GtkWidget *cert_clear;
  GtkWidget *key_clear;

  GSettings *settings; /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (UbMakerFiles, ub_maker_files, GTK_TYPE_WIDGET)

static const char *const keys[N_FILES] = { "auth-file", "cert-file", "key-file" };

static const char *
get_question (File file)
{
  switch (file)
    {
    case FILE_AUTH:
      return _ ("Choose the maker's authorisation file");
    case FILE_CERT:
      return _ ("Choose the maker's certificate");
    case FILE_KEY:
    case N_FILES:
    default:
      return _ ("Choose the maker's key");
    }
}

static void
show_file (UbMakerFiles *self, File file)
{
  GtkLabel *const  labels[N_FILES] = { self->auth_label, self->cert_label, self->key_label };
  GtkWidget *const clears[N_FILES] = { self->auth_clear, self->cert_clear, self->key_clear };
  g_autofree char *path = ub_settings_dup_path (self->settings, keys[file]);
  g_autofree char *shown = path != NULL ? ub_words_shorten_path (path) : NULL;

  gtk_label_set_label (labels[file], shown != NULL ? shown : _ ("None"));
  gtk_widget_set_tooltip_text (GTK_WIDGET (labels[file]), shown);
  gtk_widget_set_sensitive (clears[file], path != NULL);
}

static void
set_file (UbMakerFiles *self, File file, const char *path)
{
  ub_settings_set_path (self->settings, keys[file], path);
  show_file (self, file);
  g_signal_emit_by_name (self, "changed");
}

typedef struct
{
  UbMakerFiles *self; /* (owned) */
  File          file;
} Choice;

static void
chosen_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Choice *choice = user_data;
  g_autoptr (UbMakerFiles) self = choice->self;
  g_autoptr (GFile) file = ub_compat_open_finish (result, NULL);
  const char *path = file != NULL ? g_file_peek_path (file) : NULL;

  if (path != NULL && self->grid != NULL)
    set_file (self, choice->file, path);
}

static void
choose_cb (UbMakerFiles *self, GtkWidget *button)
{
  GtkWindow       *window = GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self)));
  Choice          *choice = g_new (Choice, 1);
  g_autofree char *old = NULL;
  g_autofree char *folder = NULL;

  choice->self = g_object_ref (self);
  choice->file = button == self->auth_choose   ? FILE_AUTH
                 : button == self->cert_choose ? FILE_CERT
                                               : FILE_KEY;
  old = ub_settings_dup_path (self->settings, keys[choice->file]);
  folder = old != NULL ? ub_place_dup_real_folder (old) : NULL;
  ub_compat_open (window,
                  UB_COMPAT_OPEN_FILE,
                  get_question (choice->file),
                  folder,
                  chosen_cb,
                  choice);
}

static void
clear_cb (UbMakerFiles *self, GtkWidget *button)
{
  set_file (self,
            button == self->auth_clear   ? FILE_AUTH
            : button == self->cert_clear ? FILE_CERT
                                         : FILE_KEY,
            NULL);
}

void
ub_maker_files_set_settings (UbMakerFiles *self, GSettings *settings)
{
  g_set_object (&self->settings, settings);
  for (File file = FILE_AUTH; file < N_FILES; file++)
    show_file (self, file);
  gtk_widget_set_sensitive (self->grid, settings != NULL);
}

void
ub_maker_files_focus (UbMakerFiles *self)
{
  gtk_widget_grab_focus (self->auth_choose);
}

static void
ub_maker_files_dispose (GObject *object)
{
  UbMakerFiles *self = UB_MAKER_FILES (object);

  g_clear_object (&self->settings);
  g_clear_pointer (&self->grid, gtk_widget_unparent);
  G_OBJECT_CLASS (ub_maker_files_parent_class)->dispose (object);
}

static void
ub_maker_files_class_init (UbMakerFilesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ub_maker_files_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/unbrick/Unbrick/ui/ub-maker-files.ui");
  gtk_widget_class_bind_template_child (widget_class, UbMakerFiles, grid);
  gtk_widget_class_bind_template_child (widget_class, UbMakerFiles, auth_label);
  gtk_widget_class_bind_template_child (widget_class, UbMakerFiles, cert_label);
  gtk_widget_class_bind_template_child (widget_class, UbMakerFiles, key_label);
  gtk_widget_class_bind_template_child (widget_class, UbMakerFiles, auth_choose);
  gtk_widget_class_bind_template_child (widget_class, UbMakerFiles, cert_choose);
  gtk_widget_class_bind_template_child (widget_class, UbMakerFiles, key_choose);
  gtk_widget_class_bind_template_child (widget_class, UbMakerFiles, auth_clear);
  gtk_widget_class_bind_template_child (widget_class, UbMakerFiles, cert_clear);
  gtk_widget_class_bind_template_child (widget_class, UbMakerFiles, key_clear);
  gtk_widget_class_bind_template_callback (widget_class, choose_cb);
  gtk_widget_class_bind_template_callback (widget_class, clear_cb);
  g_signal_new ("changed",
                UB_TYPE_MAKER_FILES,
                G_SIGNAL_RUN_LAST,
                0,
                NULL,
                NULL,
                NULL,
                G_TYPE_NONE,
                0);
}

static void
ub_maker_files_init (UbMakerFiles *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
