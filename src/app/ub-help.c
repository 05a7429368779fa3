/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-help.h"

#include <glib/gi18n.h>

typedef struct
{
  const char *title;  /* N_() */
  const char *text;   /* N_() or keys as a GtkShortcutLabel wants them */
  const char *button; /* (nullable) N_(): what does something about it */
  const char *action; /* (nullable): of the window */
} Entry;

/* clang-format off */
static const Entry help[] = {
  { N_ ("How it works"),
    N_ ("Open the firmware, press Download, then plug the switched-off phone in. The program waits for "
        "the phone and is quick enough for it: you need not hurry.") },
  { N_ ("The colours of the bar"),
    N_ ("Red: the loader goes into the phone. Purple: start-up code is being written. Yellow: the "
        "images. Blue: something is being read. A green circle at the end means that everything was "
        "written.") },
  { N_ ("The phone does not show up"),
    N_ ("Is it really off? Hold its power button for 15 seconds. Then plug it in while you hold volume "
        "down; if that does nothing, volume up; then both. Use another cable, and a port of the "
        "computer itself. No drivers are needed on Linux.") },
  { N_ ("Permission"),
    N_ ("The computer has to let Unbrick talk to phones, once. Here you see whether it does, and what "
        "to do if it does not."),
    N_ ("_Permission…"), "win.permission" },
  { N_ ("What is kept"),
    N_ ("Parts with a lock hold what belongs to this one phone: IMEI, calibration, serial number. They "
        "are kept, whatever the firmware says, and saved on this computer before anything is written.") },
  { N_ ("Which mode?"),
    N_ ("Download only writes what is ticked, and is right nearly always. Repair compares first and "
        "writes only what differs. Firmware upgrade erases your data, and is for a phone whose parts lie "
        "elsewhere than in the new firmware. Format all + download is the last resort. The last two "
        "show what they would do and ask first.") },
  { N_ ("When the cable slips"),
    N_ ("Nothing is lost. Plug the phone in again and the job goes on by itself. When the program or the "
        "computer was switched off, start it again: a line at the top offers to go on.") },
  { N_ ("Download agent"),
    N_ ("A small program that runs in the phone while it is written. Most firmware packages bring one. "
        "If yours does not, choose MTK_AllInOne_DA.bin or an SP Flash Tool archive once: it is "
        "remembered.") },
};

static const Entry shortcuts[] = {
  { N_ ("Open a folder"), "<Control>o" },
  { N_ ("Open a file or an archive"), "<Control><Shift>o" },
  { N_ ("Download"), "<Control>d" },
  { N_ ("Stop"), "Escape" },
  { N_ ("Pages"), "<Alt>1...5" },
  { N_ ("Help"), "F1" },
  { N_ ("These shortcuts"), "<Control>question" },
  { N_ ("Quit"), "<Control>q" },
};
/* clang-format on */

static GtkWidget *
new_label (const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);
  return label;
}

static GtkWindow *
new_window (GtkWindow *parent, const char *title, GtkWidget *child, int width, int height)
{
  GtkWidget          *window = gtk_window_new (), *scrolled = gtk_scrolled_window_new ();
  GtkEventController *controller = gtk_shortcut_controller_new ();
  GtkShortcut        *escape = gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_Escape, 0),
                                          gtk_named_action_new ("window.close"));

  gtk_widget_set_margin_top (child, 18);
  gtk_widget_set_margin_bottom (child, 18);
  gtk_widget_set_margin_start (child, 18);
  gtk_widget_set_margin_end (child, 18);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled),
                                  GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), child);
  gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (controller), escape);
  gtk_widget_add_controller (window, controller);
  gtk_window_set_title (GTK_WINDOW (window), title);
  gtk_window_set_transient_for (GTK_WINDOW (window), parent);
  gtk_window_set_destroy_with_parent (GTK_WINDOW (window), TRUE);
  gtk_window_set_default_size (GTK_WINDOW (window), width, height);
  gtk_window_set_child (GTK_WINDOW (window), scrolled);
  /* it is to be read: arrows and Page Down move it, and Return does nothing */
  gtk_window_set_focus (GTK_WINDOW (window), scrolled);
  return GTK_WINDOW (window);
}

static void
button_cb (GtkButton *button, const char *action)
{
  GtkWindow *dialog = GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (button)));
  GtkWindow *parent = gtk_window_get_transient_for (dialog);

  if (parent != NULL)
    gtk_widget_activate_action (GTK_WIDGET (parent), action, NULL);
}

static GtkWidget *
new_button (const Entry *entry)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (_ (entry->button));

  gtk_widget_set_halign (button, GTK_ALIGN_START);
  g_signal_connect (button, "clicked", G_CALLBACK (button_cb), (gpointer) entry->action);
  return button;
}

void
ub_help_show (GtkWindow *parent)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  for (guint i = 0; i < G_N_ELEMENTS (help); i++)
    {
      GtkWidget *title = new_label (_ (help[i].title), "heading");

      if (i > 0)
        gtk_widget_set_margin_top (title, 12);
      gtk_box_append (GTK_BOX (box), title);
      gtk_box_append (GTK_BOX (box), new_label (_ (help[i].text), NULL));
      if (help[i].action != NULL)
        gtk_box_append (GTK_BOX (box), new_button (&help[i]));
    }
  gtk_window_present (new_window (parent, _ ("Help"), box, 560, 520));
}

void
ub_help_show_shortcuts (GtkWindow *parent)
{
  GtkWidget *grid = gtk_grid_new ();

  gtk_grid_set_row_spacing (GTK_GRID (grid), 12);
  gtk_grid_set_column_spacing (GTK_GRID (grid), 24);
  for (int i = 0; i < (int) G_N_ELEMENTS (shortcuts); i++)
    {
      GtkWidget *keys = gtk_shortcut_label_new (shortcuts[i].text);

      gtk_grid_attach (GTK_GRID (grid), new_label (_ (shortcuts[i].title), NULL), 0, i, 1, 1);
      gtk_grid_attach (GTK_GRID (grid), keys, 1, i, 1, 1);
    }
  gtk_window_present (new_window (parent, _ ("Keyboard shortcuts"), grid, 400, 400));
}
