/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "console/ub-console-private.h"

int
ub_console_flash (UbConsole *self)
{
  UbMode          mode = UB_MODE_DOWNLOAD_ONLY;
  UbPreloaderRule preloader = UB_PRELOADER_AUTO;
  int             status = ub_console_read_mode (self, &mode, &preloader);
  g_autoptr (UbPlan) plan = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (UbFirmware) firmware = NULL;

  if (status != UB_CONSOLE_EXIT_OK)
    return status;
  if (ub_mode_is_destructive (mode) && (status = ub_console_ask_check (self)) != UB_CONSOLE_EXIT_OK)
    return status;
  ub_console_job_mention_unfinished (self);
  if (!(firmware = ub_console_open_firmware (self, &error)))
    return ub_console_print_error (error, FALSE);
  if (!(plan = ub_console_make_plan (self, firmware, &status)))
    return status;
  if ((status = ub_console_job_print_blocker (self, plan)) != UB_CONSOLE_EXIT_OK)
    return status;

  return ub_console_job_run (self, plan, NULL, NULL);
}
