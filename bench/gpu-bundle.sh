#!/usr/bin/env bash
# What bench/gpu-check.sh needs on a Linux machine without Java and Maven, in target/gpu-bundle.tar.gz (about 50 MB): a Java machine, modelpatch with
# its libraries, bench/GpuCheck.java compiled. No PyTorch is in it; docs/howto/gpu.md says where that comes from. Needs a JDK with jlink, and a build
# (./patch doctor) or a class path with modelpatch's own classes first in GPU_CHECK_CP. There, from the root of the repository:
#
#   tar -xzf target/gpu-bundle.tar.gz -C target
#   GPU_CHECK_JAVA=target/gpu/runtime/bin/java GPU_CHECK_CP='target/gpu/lib/*' bench/gpu-check.sh
set -euo pipefail
cd "$(dirname "$0")/.."
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
jdk=$("$java" -XshowSettings:properties -version 2>&1 | sed -n 's/ *java.home = //p')
classes=${GPU_CHECK_CP:-$(sed -n '2s/^"\(.*\)"$/\1/p' target/launcher/start.args)}
folder=$PWD/target/gpu
rm -rf "$folder"
mkdir -p "$folder/lib"
"$jdk/bin/jlink" --output "$folder/runtime" --strip-debug --no-header-files --no-man-pages --compress=2 \
    --add-modules java.base,java.compiler,java.desktop,java.logging,java.management,java.net.http,jdk.crypto.ec,jdk.management,jdk.unsupported,jdk.zipfs
(cd "$folder/runtime/lib" && rm -f libawt* libfontmanager.* libjavajpeg.* libjawt.* libjsound.* liblcms.* libmlib_image.* libsplashscreen.* psfont*)

pieces=$(mktemp -d)
trap 'rm -rf "$pieces"' EXIT
IFS=: read -ra parts <<<"$classes"
for part in "${parts[@]}"; do
    name=$(basename "$part" .jar)
    case $name in
        pytorch-native-* | llama-* | onnxruntime-* | *junit* | assertj-* | archunit* | byte-buddy-*) continue ;;
    esac
    if [ -d "$part" ]; then
        "$jdk/bin/jar" cf "$folder/lib/modelpatch.jar" -C "$part" .
        continue
    fi
    rm -rf "$pieces/one"
    mkdir "$pieces/one"
    (
        cd "$pieces/one"
        "$jdk/bin/jar" xf "$part"
        # of native libraries those of this platform alone
        find . -type f \( -name '*.so' -o -name '*.so.*' -o -name '*.dylib' -o -name '*.jnilib' -o -name '*.dll' -o -name '*.a' \) \
            ! -path '*linux-x86_64*' ! -path '*linux-x86-64*' ! -path '*Linux/x86_64*' -delete
        rm -rf modelpatch/installation
        "$jdk/bin/jar" cfM "$folder/lib/$name.jar" .
    )
done
mkdir "$pieces/check"
"$jdk/bin/javac" -nowarn -d "$pieces/check" -cp "$classes" bench/GpuCheck.java
"$jdk/bin/jar" cf "$folder/lib/gpu-check.jar" -C "$pieces/check" .
tar -czf target/gpu-bundle.tar.gz -C target gpu
ls -l target/gpu-bundle.tar.gz
