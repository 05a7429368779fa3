/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-advice.h"

#include "base/ub-error.h"

#include <glib/gi18n.h>

/* how the table names "stopped by the person" and "something nobody foresaw" */
#define STOPPED (UB_ERROR_LAST + 1)
#define UNFORESEEN (UB_ERROR_LAST + 2)
#define N_ADVICE (UB_ERROR_LAST + 3)

/* sentences that come more than once */
#define CABLE N_ ("Try another cable, and a socket on the computer itself instead of a hub.")
#define CHARGE N_ ("Leave the battery in, and charge the phone for 30 minutes.")
#define REPLUG N_ ("Unplug the phone, hold its power key for 15 seconds, and plug it in again.")
#define AGAIN                                                                                      \
  N_ ("Go on with it: the work is not lost, and goes on where it stopped. Or start it again from " \
      "the beginning.")
#define TRY_AGAIN N_ ("Start it again whenever you like.")
#define RIGHT_FIRMWARE                                                                             \
  N_ ("Look for a firmware made for exactly this model; the label is under the battery or in the " \
      "phone's box.")
#define FETCH_AGAIN N_ ("Get the firmware again: the download may have been cut off.")
#define DISK                                                                                       \
  N_ ("Check the disk the firmware is on; copy the firmware to this computer's own disk.")
#define REPORT N_ ("Open the details and send the report to the makers of Unbrick.")
#define MAKERS_LOADER                                                                              \
  N_ ("Look for a firmware package of the phone's maker that brings its own loader, and choose "   \
      "it under Agent.")
#define NO_KEY                                                                                     \
  N_ ("Unplug the phone and plug it in without holding any key: some phones take a loader only "   \
      "that way.")
#define OTHER_LOADER                                                                               \
  N_ ("Choose another loader under Agent, best the one from the phone's own firmware package.")
#define HALF_WRITTEN                                                                               \
  N_ ("Something had already been written. The phone may not start until it has been written "     \
      "completely.")
#define UNTOUCHED N_ ("Nothing has been written: the phone is as it was.")

/* untranslated; the two states of the phone are put behind @explanation */
static const UbAdvice sources[N_ADVICE] = {
  [UB_ERROR_INTERNAL] = { N_ ("Unbrick made a mistake"),
                          N_ ("Something happened inside of Unbrick that should not."),
                          { REPORT,
                            N_ ("Close Unbrick, start it again, and try once more."),
                            NULL },
                          "1001 S_UNDEFINED_ERROR" },
  [UB_ERROR_LINK_LOST] = { N_ ("The connection to the phone was lost"),
                           N_ ("The cable or the battery let go while Unbrick was talking to the "
                               "phone, and it did not come back, or left again each time."),
                           { REPLUG,
                             CABLE,
                             N_ ("Clean the phone's socket, and do not move the phone while it "
                                 "works."),
                             CHARGE,
                             NULL },
                           "4008 S_FT_DOWNLOAD_FAIL" },
  [UB_ERROR_LINK_TIMEOUT] = { N_ ("The phone stopped answering"),
                              N_ ("The phone is still on the cable, but says nothing any more."),
                              { REPLUG, CHARGE, CABLE, NULL },
                              "1042 S_TIMEOUT" },
  [UB_ERROR_LINK_BUSY] = { N_ ("Another program holds the phone"),
                           N_ ("Another program on this computer is talking to the phone, so "
                               "Unbrick cannot."),
                           { N_ ("Close other programs that talk to phones, then unplug the phone "
                                 "and plug it in again."),
                             N_ ("Restart the computer."),
                             NULL },
                           "1013 S_COM_PORT_OPEN_FAIL" },
  [UB_ERROR_NO_PERMISSION] = { N_ ("This computer does not let Unbrick talk to the phone"),
                               N_ ("The phone was seen, but opening it is not allowed."),
                               { N_ ("Follow the one step shown beside the phone, then plug the "
                                     "phone in again."),
                                 N_ ("Ask whoever looks after this computer."),
                                 NULL },
                               "1013 S_COM_PORT_OPEN_FAIL" },
  [UB_ERROR_NO_PHONE] = { N_ ("No phone came"),
                          N_ ("No switched-off phone was plugged in during the time given."),
                          { N_ ("Switch the phone off, then plug it in."),
                            N_ ("If nothing happens, hold volume down while you plug it in; then "
                                "try volume up, then both."),
                            CABLE,
                            CHARGE,
                            NULL },
                          "2005 S_BROM_CMD_STARTCMD_FAIL" },
  [UB_ERROR_PROTOCOL] = { N_ ("The phone said something Unbrick does not understand"),
                          N_ ("The answer was not one that is possible here. Often a bad cable or "
                              "a weak battery is behind it."),
                          { REPLUG, CABLE, OTHER_LOADER, REPORT, NULL },
                          "0xC0010005 STATUS_PROTOCOL_ERR" },
  [UB_ERROR_REFUSED] = { N_ ("The phone said no"),
                         N_ ("The phone understood what was wanted and refused it."),
                         { REPLUG, OTHER_LOADER, REPORT, NULL },
                         "0xC0060005 STATUS_BROM_CMD_FAIL" },
  [UB_ERROR_NEEDS_AUTH] = { N_ ("The phone wants its maker's own files"),
                            N_ ("This phone only accepts its maker's signed loader, or wants its "
                                "maker's login first. What is at hand was not accepted."),
                            { N_ ("Look for a firmware package that holds a DA/auth file: files "
                                  "with DA, auth or cert in their names, made for exactly this "
                                  "model."),
                              MAKERS_LOADER,
                              NO_KEY,
                              N_ ("Ask the maker or a repair shop that works with the maker."),
                              NULL },
                            "0xC0030012 STATUS_SEC_AUTH_FILE_NEEDED (also 0xC0060003 "
                            "STATUS_BROM_CMD_SEND_DA_FAIL, 6003 S_SECURITY_SLA_CHALLENGE_FAIL, "
                            "6029 "
                            "S_SECURITY_SEND_AUTH_FAIL)" },
  [UB_ERROR_AGENT_REFUSED] = { N_ ("The phone did not take the loader"),
                               N_ ("None of the loaders at hand was accepted: they are for other "
                                   "phones, or this one wants a loader signed by its maker."),
                               { MAKERS_LOADER, NO_KEY, CABLE, NULL },
                               "0xC0060003 "
                               "STATUS_BROM_CMD_SEND_DA_FAIL" },
  [UB_ERROR_AGENT_SILENT] = { N_ ("The loader was started, but never answered"),
                              N_ ("The loader went into the phone and then the phone went silent. "
                                  "Mostly the battery is too weak, or the loader does not fit."),
                              { CHARGE,
                                REPLUG,
                                N_ ("If the battery can be taken out: take it out for 10 seconds, "
                                    "put it back, and plug in again."),
                                CABLE,
                                OTHER_LOADER,
                                NULL },
                              "4001 S_FT_DA_NO_RESPONSE" },
  [UB_ERROR_DRAM] = { N_ ("The phone's working memory could not be switched on"),
                      N_ ("Most likely this firmware is for a different version of the phone. A "
                          "weak battery can look the same."),
                      { RIGHT_FIRMWARE, CHARGE, REPLUG, NULL },
                      "4032 "
                      "S_FT_ENABLE_DRAM_FAIL" },
  [UB_ERROR_NO_EMI] = { N_ ("The firmware does not know this phone's memory"),
                        N_ ("None of the preloaders in the firmware has settings for the memory in "
                            "this phone. Most likely the firmware is for a different version of "
                            "the phone."),
                        { RIGHT_FIRMWARE,
                          N_ ("If the phone still reacts without holding a key, plug it in like "
                              "that."),
                          N_ ("Put the preloader file of the phone's own firmware into the "
                              "firmware's folder."),
                          NULL },
                        "5054 "
                        "S_DL_GET_DRAM_SETTING_"
                        "FAIL" },
  [UB_ERROR_WRONG_CHIP] = { N_ ("The firmware is for another chip"),
                            N_ ("The firmware and the phone do not belong together."),
                            { RIGHT_FIRMWARE,
                              N_ ("If you have several phones here: check that the right one is "
                                  "plugged in."),
                              NULL },
                            "3168 S_CHIP_TYPE_NOT_MATCH (newer: 3179, 3184)" },
  [UB_ERROR_UNKNOWN_CHIP] = { N_ ("This chip is not known"),
                              N_ ("The phone answered, but this version of Unbrick does not know "
                                  "its chip."),
                              { N_ ("Look for a newer version of Unbrick."), REPORT, NULL },
                              "1018 S_UNKNOWN_TARGET_BBCHIP" },
  [UB_ERROR_WRONG_STORAGE] = { N_ ("The firmware is for a phone with other memory"),
                               N_ ("The phone's memory is of another kind or smaller than the "
                                   "firmware needs. Many models were sold with two kinds of "
                                   "memory."),
                               { RIGHT_FIRMWARE,
                                 N_ ("If the memory is said to have no size at all: charge the "
                                     "phone and try again."),
                                 NULL },
                               "3167 S_STORAGE_NOT_MATCH (newer: 3178, 3183)" },
  [UB_ERROR_WRONG_LAYOUT] = { N_ ("The phone's memory is divided up differently"),
                              N_ ("The parts of the phone do not lie where this firmware would put "
                                  "them, or the phone cannot say where they lie. Writing only some "
                                  "of them would make things worse, so it is not done."),
                              { N_ ("If the firmware is right for this model: choose Firmware "
                                    "upgrade, which divides the memory up anew and keeps what "
                                    "belongs to the phone."),
                                RIGHT_FIRMWARE,
                                N_ ("Look for the firmware version that was on the phone before."),
                                NULL },
                              "8038 PMT changed for the ROM; it must be downloaded (also 4050)" },
  [UB_ERROR_NO_AGENT] = { N_ ("No loader fits this phone"),
                          N_ ("To write a phone, a small loader for its chip is needed. None was "
                              "found for this one."),
                          { N_ ("Press Choose… beside Agent, and give the folder or archive of an "
                                "SP Flash Tool version of the phone's time."),
                            N_ ("Look into the firmware package: it may bring a file with DA in "
                                "its name."),
                            NULL },
                          "0xC0030003 DA selection error" },
  [UB_ERROR_BAD_AGENT] = { N_ ("The loader file is damaged"),
                           N_ ("The loader file is cut off, damaged, or no loader at all."),
                           { OTHER_LOADER, FETCH_AGAIN, NULL },
                           "5002 S_INVALID_DA_FILE" },
  [UB_ERROR_BAD_FIRMWARE] = { N_ ("The firmware's map is damaged"),
                              N_ ("The file that says which part goes where is damaged or "
                                  "contradicts itself."),
                              { FETCH_AGAIN,
                                N_ ("If somebody has changed the file by hand, use the original."),
                                RIGHT_FIRMWARE,
                                NULL },
                              "5011 S_DL_SCAT_INCORRECT_FORMAT" },
  [UB_ERROR_NOT_A_FIRMWARE] = { N_ ("This is not a firmware that can be written"),
                                N_ ("What was opened is something else."),
                                { N_ ("Open the folder or archive the firmware came in; it holds a "
                                      "file with “scatter” in its name."),
                                  RIGHT_FIRMWARE,
                                  NULL },
                                "5011 S_DL_SCAT_INCORRECT_FORMAT" },
  [UB_ERROR_SEVERAL_FIRMWARES] = { N_ ("There is more than one firmware here"),
                                   N_ ("The folder or archive holds several firmwares, and only "
                                       "you know which is for your phone."),
                                   { N_ ("Choose one of them; the model's name is mostly in its "
                                         "folder's name."),
                                     NULL },
                                   NULL },
  [UB_ERROR_FILE_MISSING] = { N_ ("A file is missing"),
                              N_ ("A file that is needed is not where it should be."),
                              { N_ ("Unpack the whole firmware, not only some of its files."),
                                FETCH_AGAIN,
                                N_ ("Untick the part if you do not need it."),
                                NULL },
                              "5007 S_FTHND_FILE_IS_NOT_LOADED_YET" },
  [UB_ERROR_FILE_READ] = { N_ ("A file could not be read"),
                           N_ ("A file could not be read, or was changed while it was being used."),
                           { DISK, N_ ("Open the firmware again."), FETCH_AGAIN, NULL },
                           "5007 S_FTHND_FILE_IS_NOT_LOADED_YET" },
  [UB_ERROR_FILE_WRITE] = { N_ ("A file could not be saved"),
                            N_ ("This computer did not let Unbrick save a file."),
                            { N_ ("Check that the disk is neither full nor read-only."),
                              N_ ("Choose another folder."),
                              NULL },
                            NULL },
  [UB_ERROR_BAD_IMAGE] = { N_ ("A part of the firmware is damaged"),
                           N_ ("One of the firmware's files is damaged, or not what its name "
                               "says."),
                           { FETCH_AGAIN,
                             N_ ("If you chose this file yourself: choose the original."),
                             NULL },
                           "6021 DOWNLOAD_FILE_IS_CORRUPTED" },
  [UB_ERROR_IMAGE_TOO_BIG] = { N_ ("A file does not fit"),
                               N_ ("One of the files is bigger than the place it is meant for."),
                               { RIGHT_FIRMWARE,
                                 N_ ("If you chose this file yourself: choose one made for this "
                                     "model."),
                                 NULL },
                               "1011 S_NOT_ENOUGH_STORAGE_SPACE" },
  [UB_ERROR_BAD_ARCHIVE] = { N_ ("The archive cannot be unpacked"),
                             N_ ("The archive is damaged, or of a kind Unbrick cannot unpack."),
                             { FETCH_AGAIN,
                               N_ ("Unpack it with another program, and open the folder."),
                               NULL },
                             NULL },
  [UB_ERROR_ARCHIVE_PASSWORD] = { N_ ("The archive wants a password"),
                                  N_ ("Unbrick cannot unpack archives with a password."),
                                  { N_ ("Unpack it with your archive program and the password from "
                                        "the page it came from, then open the folder."),
                                    NULL },
                                  NULL },
  [UB_ERROR_UNSAFE_ARCHIVE] = { N_ ("The archive is not safe"),
                                N_ ("The archive tries to put files outside of its own folder. "
                                    "Honest firmware archives do not."),
                                { N_ ("Get the firmware from another place."), NULL },
                                NULL },
  [UB_ERROR_NO_SPACE] = { N_ ("The disk is full"),
                          N_ ("There is not enough room on this computer's disk."),
                          { N_ ("Make room and try again."),
                            N_ ("Unpack the archive onto another disk, and open the folder."),
                            NULL },
                          "1011 S_NOT_ENOUGH_STORAGE_SPACE" },
  [UB_ERROR_PROTECTED] = { N_ ("This part is kept"),
                           N_ ("It holds what belongs to this one phone: IMEI, calibration, serial "
                               "number or lock state. A firmware's copy would destroy it for "
                               "good."),
                           { N_ ("Leave it unticked."), RIGHT_FIRMWARE, NULL },
                           NULL },
  [UB_ERROR_NOTHING_TO_DO] = { N_ ("There is nothing to write"),
                               N_ ("Nothing is ticked, or nothing that is ticked has a file."),
                               { N_ ("Tick the parts to write."),
                                 N_ ("Unpack the whole firmware, so that the files lie beside the "
                                     "scatter file."),
                                 NULL },
                               "1017 S_FILEPATH_NOT_SPECIFIED_YET" },
  [UB_ERROR_STORAGE_READ] = { N_ ("The phone could not read its memory"),
                              N_ ("The phone itself reported that reading failed. The memory may "
                                  "be worn out."),
                              { CHARGE,
                                CABLE,
                                N_ ("Try again once or twice; if it always stops at the same part, "
                                    "the memory chip is probably broken."),
                                NULL },
                              "4009 S_FT_READBACK_FAIL" },
  [UB_ERROR_STORAGE_WRITE] = { N_ ("The phone could not write its memory"),
                               N_ ("The phone itself reported that writing failed. The memory may "
                                   "be worn out, or the power too weak."),
                               { CHARGE,
                                 CABLE,
                                 AGAIN,
                                 N_ ("If it always stops at the same part, the memory chip is "
                                     "probably broken."),
                                 NULL },
                               "3149 S_DA_SDMMC_WRITE_FAILED (newer: 3154)" },
  [UB_ERROR_STORAGE_ERASE] = { N_ ("The phone could not erase its memory"),
                               N_ ("The phone itself reported that erasing failed. The memory may "
                                   "be worn out."),
                               { CHARGE,
                                 N_ ("If it always fails, the memory chip is probably broken."),
                                 NULL },
                               "4010 S_FT_FORMAT_FAIL" },
  [UB_ERROR_CHECKSUM] = { N_ ("Data is damaged on its way"),
                          N_ ("What arrives is not what was sent, again and again. The cable, the "
                              "socket or a hub loses data."),
                          { CABLE, N_ ("Clean the phone's socket."), TRY_AGAIN, NULL },
                          "1041 S_CHKSUM_ERROR" },
  [UB_ERROR_VERIFY] = { N_ ("The phone did not keep what was written"),
                        N_ ("What was written was read back, and is not the same. The phone might "
                            "not start like this."),
                        { TRY_AGAIN,
                          CHARGE,
                          CABLE,
                          N_ ("If it happens again, the memory chip is probably broken."),
                          NULL },
                        "4009 S_FT_READBACK_FAIL" },
  [UB_ERROR_UNSUPPORTED] = { N_ ("This version cannot do that yet"),
                             N_ ("Unbrick knows what this is, but cannot do it yet."),
                             { N_ ("Look for a newer version of Unbrick."), NULL },
                             "1040 S_UNSUPPORTED_OPERATION" },
  [UB_ERROR_WRONG_MODEL] = { N_ ("The firmware looks like another model's"),
                             N_ ("The chip is the same, but other signs say that this firmware was "
                                 "made for another phone."),
                             { RIGHT_FIRMWARE,
                               N_ ("Only if you are sure that it is right: start again, and agree "
                                   "when you are asked."),
                               NULL },
                             NULL },
  [UB_ERROR_NO_SAFETY_COPY] = { N_ ("What belongs to the phone could not be saved"),
                                N_ ("Before anything is written, Unbrick saves what belongs to "
                                    "this "
                                    "one phone, and that could not be read. Without it, nothing is "
                                    "written unless you say so."),
                                { N_ ("Try again: a weak battery or a bad cable can be behind it."),
                                  CHARGE,
                                  CABLE,
                                  N_ ("If the part is damaged anyway, start again, and agree when "
                                      "you are asked."),
                                  NULL },
                                NULL },
  [UB_ERROR_BAD_BACKUP] = { N_ ("The copy cannot be used"),
                            N_ ("The copy of the phone is damaged, incomplete, or none at all."),
                            { N_ ("If there is another copy of this phone, use that one."),
                              N_ ("If the copy was moved or changed by hand: put the original back "
                                  "where it was."),
                              NULL },
                            NULL },
  [UB_ERROR_OTHER_PHONE] = { N_ ("This is another phone"),
                             N_ ("The copy or the unfinished work belongs to another phone than "
                                 "the one on the cable. What belongs to one phone must not be "
                                 "written to another."),
                             { N_ ("Plug in the phone it was begun with."),
                               N_ ("If you have several phones here: check that the right one is "
                                   "plugged in."),
                               NULL },
                             NULL },
  [UB_ERROR_NOT_AGREED] = { N_ ("You said no"),
                            N_ ("Unbrick asked before it went on, and the answer was no, or nobody "
                                "was there to answer."),
                            { N_ ("Start again if you want to answer differently."),
                              RIGHT_FIRMWARE,
                              NULL },
                            NULL },
  [UB_ERROR_NOT_SHARED] = { N_ ("Unbrick cannot see this place"),
                            N_ ("Unbrick runs as a Flatpak. There it sees only the files and folders "
                                "that were chosen in its own window."),
                            { N_ ("Press Open… or Choose… in the window, and choose the folder there."),
                              N_ ("In a terminal, let it see the folder: say "
                                  "--filesystem=FOLDER right after “flatpak run”."),
                              NULL },
                            NULL },
  [STOPPED] = { N_ ("Stopped"), N_ ("You stopped the work."), { TRY_AGAIN, NULL }, "1000 S_STOP" },
  [UNFORESEEN] = { N_ ("Something went wrong"),
                   N_ ("Something happened that Unbrick has no words for. The details say more."),
                   { N_ ("Try again."), REPORT, NULL },
                   NULL },
};

/* where the usual two sentences would not say enough once something has been written */
static const UbAdvice written_sources[N_ADVICE] = {
  [UB_ERROR_LINK_LOST] = { N_ ("The connection was lost while writing"),
                           N_ ("The cable or the battery let go while the phone was being written. "
                               "The phone may stay dark or not start: that is normal for a "
                               "half-written phone, and it can still be reached over the cable. "
                               "Nothing is lost: the work goes on where it stopped."),
                           { N_ ("Plug the phone in again, straight into the computer, and go on "
                                 "with the work."),
                             N_ ("If nothing happens, hold volume down while you plug it in."),
                             CABLE,
                             N_ ("Clean the phone's socket, and do not move the phone while it "
                                 "works."),
                             CHARGE,
                             NULL },
                           "4008 S_FT_DOWNLOAD_FAIL" },
  [UB_ERROR_LINK_TIMEOUT] = { N_ ("The phone stopped answering while writing"),
                              N_ ("The phone is still on the cable, but says nothing any more. It "
                                  "is half-written and may not start until it has been written "
                                  "completely. Nothing is lost: the work goes on where it "
                                  "stopped."),
                              { N_ ("Unplug the phone, hold its power key for 15 seconds, plug it "
                                    "in again, and go on with the work."),
                                CHARGE,
                                CABLE,
                                NULL },
                              "4008 S_FT_DOWNLOAD_FAIL" },
  [UB_ERROR_CHECKSUM] = { N_ ("Data is damaged on its way"),
                          N_ ("What arrives is not what was sent, again and again. The phone is "
                              "half-written and may not start until it has been written "
                              "completely."),
                          { CABLE, N_ ("Clean the phone's socket."), AGAIN, NULL },
                          "1041 S_CHKSUM_ERROR" },
  [UB_ERROR_VERIFY] = { N_ ("The phone did not keep what was written"),
                        N_ ("What was written was read back, and is not the same. The phone might "
                            "not start like this; it can still be reached over the cable."),
                        { N_ ("Go on with the work, or start again, before you switch on the "
                              "phone."),
                          CHARGE,
                          CABLE,
                          N_ ("If it happens again, the memory chip is probably broken."),
                          NULL },
                        "4009 S_FT_READBACK_FAIL" },
  [STOPPED] = { N_ ("Stopped"),
                N_ ("You stopped the work. It ended at a safe place, but only a part was written: "
                    "the phone may not start until it has been written completely. It can go on "
                    "where it stopped."),
                { AGAIN, NULL },
                "1000 S_STOP" },
};

/* these happen to files; a phone has nothing to do with them unless one was being written */
static gboolean
is_about_phone (guint i)
{
  switch (i)
    {
    case UB_ERROR_NO_PERMISSION:
    case UB_ERROR_NO_PHONE:
    case UB_ERROR_BAD_FIRMWARE:
    case UB_ERROR_NOT_A_FIRMWARE:
    case UB_ERROR_SEVERAL_FIRMWARES:
    case UB_ERROR_FILE_MISSING:
    case UB_ERROR_FILE_WRITE:
    case UB_ERROR_BAD_ARCHIVE:
    case UB_ERROR_ARCHIVE_PASSWORD:
    case UB_ERROR_UNSAFE_ARCHIVE:
    case UB_ERROR_NO_SPACE:
    case UB_ERROR_PROTECTED:
    case UB_ERROR_NOTHING_TO_DO:
    case UB_ERROR_BAD_BACKUP:
    case UB_ERROR_NOT_SHARED:
      return FALSE;
    default:
      return TRUE;
    }
}

static void
translate (UbAdvice *advice, const UbAdvice *source, const char *state)
{
  advice->title = _ (source->title);
  if (state == NULL)
    advice->explanation = _ (source->explanation);
  else
    advice->explanation = g_strconcat (_ (source->explanation), " ", _ (state), NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (source->actions) && source->actions[i] != NULL; i++)
    advice->actions[i] = _ (source->actions[i]);
  advice->spft = source->spft;
}

/* both halves, translated; made once, because the language stays the same */
static const UbAdvice *
translated (void)
{
  static gsize once = 0;

  if (g_once_init_enter (&once))
    {
      UbAdvice *all = g_new0 (UbAdvice, 2 * N_ADVICE);

      for (guint i = 0; i < N_ADVICE; i++)
        {
          translate (&all[i], &sources[i], is_about_phone (i) ? UNTOUCHED : NULL);
          if (written_sources[i].title != NULL)
            translate (&all[N_ADVICE + i], &written_sources[i], NULL);
          else
            translate (&all[N_ADVICE + i], &sources[i], HALF_WRITTEN);
        }
      g_once_init_leave (&once, (gsize) all);
    }
  return (const UbAdvice *) once;
}

static const UbAdvice *
advice_at (guint i, gboolean written)
{
  return &translated ()[written ? N_ADVICE + i : i];
}

/**
 * ub_advice_for_code:
 * @code: an #UbError
 * @written: had anything been written to the phone?
 *
 * Returns: (transfer none): words for a person; general ones for a code nobody knows
 */
const UbAdvice *
ub_advice_for_code (int code, gboolean written)
{
  if (code < 0 || code > UB_ERROR_LAST)
    return advice_at (UNFORESEEN, written);
  return advice_at ((guint) code, written);
}

/**
 * ub_advice_for_error:
 * @error: (nullable): what happened
 * @written: had anything been written to the phone?
 *
 * Returns: (transfer none): words for a person
 */
const UbAdvice *
ub_advice_for_error (const GError *error, gboolean written)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return advice_at (STOPPED, written);
  if (error == NULL || error->domain != UB_ERROR)
    return advice_at (UNFORESEEN, written);
  return ub_advice_for_code (error->code, written);
}
