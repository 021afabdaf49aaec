# shellcheck shell=dash disable=SC2154
# The programs find share and lib relative to their real place, so bin has links. The compiler
# of queries would bring all of LLVM; PostgreSQL does without when its library is absent.
rm -rf lib/postgresql/*/lib/llvmjit* lib/postgresql/*/lib/bitcode
mkdir -p bin
for program in lib/postgresql/*/bin/*; do
    [ -e "bin/${program##*/}" ] || ln -s "../$program" "bin/${program##*/}"
done
