/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The least a program does with a phone: waits, shakes hands, asks for the chip, prints it. For
 * tests of ub-lab; knows nothing of it. lab-shake [TIMES] */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/ub-error.h"
#include "usb/ub-usb-watcher.h"

#define TIMEOUT_MS 2000
#define GET_HW_CODE 0xfd

/* A preloader says READY until the first byte, swallows that one, and may have a modem manager's
 * bytes to answer. */
static gboolean
shake_hands (UbLink *link, GError **error)
{
  const guint8 start[] = { 0xa0, 0x0a, 0x50, 0x05 };
  guint        done = 0;

  for (guint i = 0; i < 400 && done < sizeof start; i++)
    {
      guint8 got = 0;

      if (!ub_link_send (link, start + done, 1, TIMEOUT_MS, error))
        return FALSE;
      while (ub_link_receive_some (link, &got, 1, 50, NULL) == 1 && (got ^ start[done]) != 0xff)
        ;
      done = (got ^ start[done]) == 0xff ? done + 1 : 0;
    }
  return done == sizeof start;
}

static gboolean
ask (UbLink *link, GError **error)
{
  guint8 command = GET_HW_CODE, answer[5];

  if (!shake_hands (link, error))
    return FALSE;
  ub_link_drain (link, 20);
  if (!ub_link_send (link, &command, 1, TIMEOUT_MS, error) ||
      !ub_link_receive (link, answer, sizeof answer, TIMEOUT_MS, error))
    return FALSE;
  printf ("%s %08x %02x%02x\n",
          ub_link_get_port (link),
          ub_link_get_product (link),
          answer[1],
          answer[2]);
  fflush (stdout);
  return TRUE;
}

/* the same phone would count again */
static void
wait_until_gone (UbLink *link)
{
  g_autoptr (GError) error = NULL;
  guint8 scrap;

  while (!g_error_matches (error, UB_ERROR, UB_ERROR_LINK_LOST))
    {
      g_clear_error (&error);
      ub_link_receive_some (link, &scrap, 1, TIMEOUT_MS, &error);
    }
}

int
main (int argc, char **argv)
{
  g_autoptr (UbLinkSource) source = ub_usb_watcher_new ();
  int times = argc > 1 ? atoi (argv[1]) : 1;

  if (!ub_link_source_start (source, NULL))
    return 1;
  for (int i = 0; i < times; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (UbLink) link = ub_link_source_wait (source, NULL, 20000, NULL, &error);

      if (link == NULL || !ask (link, &error))
        {
          fprintf (stderr, "lab-shake: %s\n", error != NULL ? error->message : "no handshake");
          return 1;
        }
      if (i + 1 < times)
        wait_until_gone (link);
    }
  return 0;
}
