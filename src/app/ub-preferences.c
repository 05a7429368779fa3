/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-preferences.h"

#include <glib/gi18n.h>

#include "app/ub-compat.h"
#include "app/ub-settings.h"
#include "app/ub-words.h"
#include "engine/ub-safety-copy.h"

static void
add_row (GtkListBox *list, const char *text)
{
  GtkWidget *label = gtk_label_new (text), *row = gtk_list_box_row_new ();

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_set_tooltip_text (label, text);
  gtk_widget_add_css_class (label, "choice");
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), label);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_list_box_append (list, row);
}

static void
fill (GtkListBox *list, UbFirmwareLoader *loader)
{
  g_autoptr (GPtrArray) agents = ub_firmware_loader_list_agents (loader);

  if (agents == NULL || agents->len == 0)
    {
      add_row (list, _ ("None yet. Agents in a firmware package are found by themselves."));
      return;
    }
  for (guint i = 0; i < agents->len; i++)
    {
      g_autofree char *text = ub_words_shorten_path (g_ptr_array_index (agents, i));

      add_row (list, text);
    }
}

/* the file dialog belongs to the main window: this one makes room for it */
static void
button_cb (GtkButton *button, const char *action)
{
  GtkWindow *dialog = GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (button)));
  GtkWindow *parent = gtk_window_get_transient_for (dialog);

  gtk_window_destroy (dialog);
  gtk_widget_activate_action (GTK_WIDGET (parent), action, NULL);
}

/* --- safety copies --- */

static void
days_cb (GtkSpinButton *spin, GSettings *settings)
{
  ub_settings_set_int (settings, "copies-max-days", gtk_spin_button_get_value_as_int (spin));
}

static void
gigabytes_cb (GtkSpinButton *spin, GSettings *settings)
{
  ub_settings_set_int (settings, "copies-max-gigabytes", gtk_spin_button_get_value_as_int (spin));
}

/* says "for ever" instead of a number that means it */
static gboolean
output_cb (GtkSpinButton *spin, const char *never)
{
  if (gtk_spin_button_get_value_as_int (spin) != 0)
    return FALSE;
  gtk_editable_set_text (GTK_EDITABLE (spin), never);
  return TRUE;
}

/* and understands it */
static int
input_cb (GtkSpinButton *spin, double *value, const char *never)
{
  if (g_strcmp0 (gtk_editable_get_text (GTK_EDITABLE (spin)), never) != 0)
    return FALSE;
  *value = 0;
  return TRUE;
}

static void
set_up_spin (GtkSpinButton *spin,
             int            value,
             const char    *never,
             GCallback      changed,
             GSettings     *settings)
{
  g_signal_connect (spin, "output", G_CALLBACK (output_cb), (gpointer) never);
  g_signal_connect (spin, "input", G_CALLBACK (input_cb), (gpointer) never);
  gtk_spin_button_set_value (spin, value);
  gtk_spin_button_update (spin);
  if (settings != NULL)
    g_signal_connect_data (spin,
                           "value-changed",
                           changed,
                           g_object_ref (settings),
                           (GClosureNotify) (GCallback) g_object_unref,
                           0);
}

static void
folder_cb (GtkButton *button, const char *folder)
{
  GtkWindow *dialog = GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (button)));

  /* it comes with the first copy */
  g_mkdir_with_parents (folder, 0700);
  ub_compat_show_folder (dialog, folder);
}

static void
set_up_copies (GtkBuilder *builder, UbApplication *application)
{
  GSettings       *settings = ub_application_get_settings (application);
  const char      *own = ub_application_get_copies_folder (application);
  g_autofree char *folder = own != NULL ? g_strdup (own) : ub_safety_copy_dup_root ();
  g_autofree char *shown = ub_words_shorten_path (folder);
  GtkLabel        *label = GTK_LABEL (gtk_builder_get_object (builder, "folder"));

  set_up_spin (GTK_SPIN_BUTTON (gtk_builder_get_object (builder, "days")),
               ub_settings_get_int (settings, "copies-max-days", UB_SETTINGS_COPIES_MAX_DAYS),
               /* Translators: in place of a number of days */
               _ ("for ever"),
               G_CALLBACK (days_cb),
               settings);
  set_up_spin (GTK_SPIN_BUTTON (gtk_builder_get_object (builder, "gigabytes")),
               ub_settings_get_int (settings,
                                    "copies-max-gigabytes",
                                    UB_SETTINGS_COPIES_MAX_GIGABYTES),
               /* Translators: in place of a number of GB */
               _ ("no limit"),
               G_CALLBACK (gigabytes_cb),
               settings);
  gtk_label_set_label (label, shown);
  gtk_widget_set_tooltip_text (GTK_WIDGET (label), shown);
  g_signal_connect_data (gtk_builder_get_object (builder, "open_folder"),
                         "clicked",
                         G_CALLBACK (folder_cb),
                         g_steal_pointer (&folder),
                         (GClosureNotify) (GCallback) g_free,
                         0);
}

/* --- when a job ends --- */

static void
sound_cb (GtkCheckButton *check, GSettings *settings)
{
  ub_settings_set_boolean (settings, "sound-at-end", gtk_check_button_get_active (check));
}

static void
set_up_sound (GtkBuilder *builder, GSettings *settings)
{
  GtkCheckButton *check = GTK_CHECK_BUTTON (gtk_builder_get_object (builder, "sound"));

  gtk_check_button_set_active (check, ub_settings_get_boolean (settings, "sound-at-end"));
  gtk_widget_set_sensitive (GTK_WIDGET (check), settings != NULL);
  if (settings != NULL)
    g_signal_connect_object (check, "toggled", G_CALLBACK (sound_cb), settings, 0);
}

static GtkBuilder *
new_builder (void)
{
  g_type_ensure (UB_TYPE_MAKER_FILES);
  return gtk_builder_new_from_resource ("/io/github/unbrick/Unbrick/ui/ub-preferences.ui");
}

UbMakerFiles *
ub_preferences_show (GtkWindow *parent, UbApplication *application)
{
  g_autoptr (GtkBuilder) builder = new_builder ();
  GtkWindow    *dialog = GTK_WINDOW (gtk_builder_get_object (builder, "dialog"));
  UbMakerFiles *maker_files = UB_MAKER_FILES (gtk_builder_get_object (builder, "maker_files"));

  ub_maker_files_set_settings (maker_files, ub_application_get_settings (application));
  set_up_copies (builder, application);
  set_up_sound (builder, ub_application_get_settings (application));
  fill (GTK_LIST_BOX (gtk_builder_get_object (builder, "list")),
        ub_application_get_loader (application));
  g_signal_connect (gtk_builder_get_object (builder, "add_file"),
                    "clicked",
                    G_CALLBACK (button_cb),
                    (gpointer) "win.choose-agent");
  g_signal_connect (gtk_builder_get_object (builder, "add_folder"),
                    "clicked",
                    G_CALLBACK (button_cb),
                    (gpointer) "win.add-agents");
  gtk_window_set_transient_for (dialog, parent);
  gtk_window_present (dialog);
  return maker_files;
}
