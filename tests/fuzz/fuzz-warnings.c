/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A warning of GLib's is a mistake of ours, and libFuzzer keeps the input of an abort(), not that of a breakpoint. */
#include "config.h"

#include <glib.h>
#include <stdlib.h>

static GLogWriterOutput
write_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  if ((level & G_LOG_LEVEL_MASK) <= G_LOG_LEVEL_WARNING)
    {
      g_log_writer_standard_streams (level, fields, n_fields, NULL);
      abort ();
    }
  return G_LOG_WRITER_HANDLED;
}

__attribute__ ((constructor)) static void
begin (void)
{
  g_log_set_writer_func (write_log, NULL, NULL);
}
