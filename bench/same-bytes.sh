#!/usr/bin/env bash
# Holds that a change leaves every output as it was: runs the command's commands with two builds and compares what they wrote.
#   bench/same-bytes.sh BEFORE/Caliper.Tool.dll AFTER/Caliper.Tool.dll SHARED
# SHARED holds models/ and data/. Times differ from run to run and are left out; the exit code is 1 where anything else does.
set -euo pipefail
before=$(realpath "$1") after=$(realpath "$2") shared=$(realpath "$3")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

outputs() {
  mkdir -p "$2" && cd "$2"
  local tool="dotnet $1" model=$shared/models/resnet20-12fca82f.th cifar=$shared/data/cifar10 faces=$shared/models/ultraface-rfb-320.onnx
  local network="--arch resnet20 --preprocess cifar10"
  for command in "" inspect calibrate merge quantize evaluate compare bench info demo; do $tool $command --help > "help_$command.txt"; done
  $tool inspect "$model" --arch resnet20 --format json > inspect.json
  $tool calibrate "$model" $network --data "$cifar/calibration" --batches 8 -o r.calib --trace r.trace --format json --no-progress > calibrate.json
  for part in 1 2; do $tool calibrate "$model" $network --data "$cifar/calibration" --batches 8 --shard $part/2 -o s$part.calib --no-progress > /dev/null; done
  $tool merge s1.calib s2.calib -o m.calib --format json > merge.json
  $tool quantize "$model" $network --calibration r.calib -o q.onnx --format json --no-progress > q.json
  $tool quantize "$model" $network --calibration r.calib --observer mse -o mse.onnx --no-progress > mse.txt
  $tool quantize "$model" $network --calibration r.calib --onnx-form qoperator -o qoperator.onnx --no-progress > qoperator.txt
  for preset in x86 fbgemm qnnpack onednn; do
    $tool quantize "$model" $network --data "$cifar/calibration" --batches 4 --qconfig $preset -o $preset.onnx --format json --no-progress > $preset.json
  done
  $tool quantize "$faces" --data "$shared/data/faces" --scale 1/128 --mean 0.9921875 -o faces.onnx --format json --no-progress > faces.json
  $tool evaluate q.onnx --against "$model" $network --data "$cifar/test" --batches 8 --format json --no-progress > evaluate.json
  $tool compare "$model" q.onnx $network --data "$cifar/test" --batches 4 --format json --report page.html --no-progress > compare.json
  # Seconds of stages, milliseconds of latency, bytes of memory.
  sed -i -E '/"(load|fuse|prepare|calibrate|equalize|recalibrate|search|tune|ranges|predict|vectors|convert|save|judge|examine|compare|latency|report|evaluate|float|int8|peakMemoryBytes)": [0-9.e-]+,?$/d' ./*.json
  sed -i '/>Latency</d' page.html
}

(outputs "$before" "$work/before")
(outputs "$after" "$work/after")
diff -r "$work/before" "$work/after" && echo "the same bytes"
