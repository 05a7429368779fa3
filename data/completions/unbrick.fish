# SPDX-License-Identifier: GPL-3.0-or-later
# fish completion for unbrick(1). tests/desktop holds it against the program.

function __unbrick_verb --description 'Is the verb one of these?'
    set -l words (commandline -opc)
    contains -- --console $words; or return 1
    for word in $words[2..-1]
        string match -q -- '-*' $word; and continue
        contains -- $word $argv
        return
    end
    return 1
end

function __unbrick_no_verb --description 'The terminal, and no verb yet'
    set -l words (commandline -opc)
    contains -- --console $words; or return 1
    for word in $words[2..-1]
        string match -q -- '-*' $word; or return 1
    end
end

set -l parts boot recovery vbmeta logo lk dtbo vendor_boot init_boot super system vendor userdata cache preloader nvram nvdata

complete -c unbrick -s h -l help -d 'Tell the options'
complete -c unbrick -l version -d 'Print the version'
complete -c unbrick -l print-udev-rules -d 'Print the rule that lets users talk to phones'
complete -c unbrick -l console -d 'Work in the terminal, without a window'
complete -c unbrick -l practice -d 'Put a practice phone on the cable'

complete -c unbrick -n __unbrick_no_verb -f -a check -d 'Tell everything known and wrong about a firmware'
complete -c unbrick -n __unbrick_no_verb -f -a plan -d 'Show what would be written, without a phone'
complete -c unbrick -n __unbrick_no_verb -f -a flash -d 'Wait for a phone and write the firmware to it'
complete -c unbrick -n __unbrick_no_verb -f -a read -d 'Read the phone, or parts of it, into a folder'
complete -c unbrick -n __unbrick_no_verb -f -a restore -d 'Write a copy back'
complete -c unbrick -n __unbrick_no_verb -f -a erase -d 'Erase parts of the phone, or all but what is its own'
complete -c unbrick -n __unbrick_no_verb -f -a test -d 'Read the storage and tell what cannot be read'
complete -c unbrick -n __unbrick_no_verb -f -a part -d 'Write one image to one part'
complete -c unbrick -n __unbrick_no_verb -f -a copies -d 'Look after the safety copies'
complete -c unbrick -n __unbrick_no_verb -f -a go-on -d 'Go on with a job that was cut off'
complete -c unbrick -n __unbrick_no_verb -f -a info -d 'Ask a phone what it is'
complete -c unbrick -n __unbrick_no_verb -f -a watch -d 'Show what is seen on the cable, live'
complete -c unbrick -n __unbrick_no_verb -f -a permission -d 'Tell whether phones may be opened here'
complete -c unbrick -n __unbrick_no_verb -f -a support -d 'Tell everything that support asks for'

complete -c unbrick -n '__unbrick_verb part' -a "$parts"
complete -c unbrick -n '__unbrick_verb copies' -a 'list verify remove prune'

complete -c unbrick -n '__unbrick_verb check plan flash' -l mode -x -a 'download upgrade format repair' -d 'How to flash'
complete -c unbrick -n '__unbrick_verb plan flash' -l preloader -x -a 'auto write skip' -d 'When the preloader is written'
complete -c unbrick -n '__unbrick_verb check plan flash info' -l storage -x -a 'emmc ufs nand' -d 'Which storage of the firmware'
complete -c unbrick -n '__unbrick_verb plan flash' -l only -x -a "$parts" -d 'Only these partitions'
complete -c unbrick -n '__unbrick_verb read restore erase test' -l part -x -a "$parts" -d 'Only this part of the phone'
complete -c unbrick -n '__unbrick_verb read erase test' -l range -x -a 'EMMC_USER: EMMC_BOOT_1: EMMC_BOOT_2: UFS_LU0: UFS_LU1: UFS_LU2:' -d 'Only this place on the phone'
complete -c unbrick -n '__unbrick_verb erase' -l all -d 'The whole phone'
complete -c unbrick -n '__unbrick_verb erase' -l boot -d 'The boot regions, too'
complete -c unbrick -n '__unbrick_verb plan flash restore erase part' -l expert -d 'Parts that hold IMEI and calibration may be written or erased'
complete -c unbrick -n '__unbrick_verb plan flash' -l verify -d 'Read everything back and compare it'
complete -c unbrick -n '__unbrick_verb plan flash' -l both-sets -d 'Write both sets of parts, A and B'
complete -c unbrick -n '__unbrick_verb flash restore erase copies go-on' -l yes -d 'Do not ask before it begins'
complete -c unbrick -n '__unbrick_verb flash restore erase part go-on' -l accept -x -a 'danger incomplete-copy repair cable' -d 'Answer yes beforehand'
complete -c unbrick -n '__unbrick_verb go-on' -l job -x -d 'Which unfinished job'
complete -c unbrick -n '__unbrick_verb go-on' -l forget -d 'Give the job up instead'
complete -c unbrick -n '__unbrick_verb copies' -l days -x -d 'Remove copies that are older'
complete -c unbrick -n '__unbrick_verb copies' -l size -x -d 'Remove the oldest until all take no more'
complete -c unbrick -n '__unbrick_verb flash read restore erase test part copies go-on' -l copies -x -a '(__fish_complete_directories)' -d 'Where the safety copies are'
complete -c unbrick -n '__unbrick_verb flash read restore erase test part copies go-on support' -l data-dir -x -a '(__fish_complete_directories)' -d 'Where copies, unfinished jobs and reports are'
complete -c unbrick -n '__unbrick_verb flash read restore erase test part go-on info' -l agent -r -F -d 'Download agent to use'
complete -c unbrick -n '__unbrick_verb flash read restore erase test part go-on info' -l auth -r -F -d "The maker's authorisation"
complete -c unbrick -n '__unbrick_verb flash read restore erase test part go-on info' -l cert -r -F -d "The maker's certificate"
complete -c unbrick -n '__unbrick_verb flash read restore erase test part go-on info' -l key -r -F -d "The maker's private key"
complete -c unbrick -n '__unbrick_verb flash read restore erase test part go-on info' -l memory-from -r -F -d 'A preloader, or a folder of them'
complete -c unbrick -n '__unbrick_verb read restore erase test part go-on' -l firmware -r -F -d 'Lends its agent and memory settings'
complete -c unbrick -n '__unbrick_verb flash read restore erase test part go-on info' -l wait -x -d 'Give up after so many seconds'
complete -c unbrick -n '__unbrick_verb flash read restore erase test part go-on info' -l port -x -d 'Only the phone at this port'
complete -c unbrick -n '__unbrick_verb watch' -l for -x -d 'Stop after so many seconds'
complete -c unbrick -n '__unbrick_verb flash read restore erase test part go-on' -l report -x -a '(__fish_complete_directories)' -d 'Keep a report in this folder'
complete -c unbrick -n '__unbrick_verb flash read restore erase test part go-on' -l trace -d 'Keep the end of the conversation in the report'
complete -c unbrick -n '__unbrick_verb check plan flash read restore erase test part copies go-on info watch permission support' -l json -d 'Print JSON'
complete -c unbrick -n '__unbrick_verb check' -l quick -d 'Do not compare checksums'
complete -c unbrick -n '__unbrick_verb flash read restore erase test part go-on' -l power-off -d 'Switch the phone off at the end'
complete -c unbrick -n '__unbrick_verb flash restore part go-on' -l stay -d 'Watch afterwards what the phone does'
complete -c unbrick -n '__unbrick_verb read' -l out -s o -x -a '(__fish_complete_directories)' -d 'Where to read into'
