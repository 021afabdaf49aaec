# shellcheck shell=dash disable=SC2154
wrap_python
# getmail forks a delivery and only then asks to be told of its end, so that it misses the end of a quick one: it waits
# for minutes, or fails, and fetches the same mail again. Here it waits for the process itself.
sed -i -e '/__orig_handler = signal\.signal(/d' \
    -e '/def _wait_for_child/,/__child_exited\.release()/{/def /!d}' \
    -e '/def _wait_for_child/a\        self.__child_pid, self.__child_status = os.waitpid(childpid, 0)' \
    lib/python3/dist-packages/getmailcore/baseclasses.py
