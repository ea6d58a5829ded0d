#!/usr/bin/env bash
# Subject   NAudio 3.3.0 (NuGet), the way from a 16-bit WAV file to float samples and back to a 16-bit WAV file
# Input     a mono file that holds each of the 65536 sample values once
# Guess     lossless: a float holds every 16-bit number exactly
# Seen      every sample but 0 comes back one step nearer to zero. Reading divides by 32768, writing multiplies by 32767 and cuts off the fraction.
#           So +1 and -1 become silence, and each further pass takes another step.
# Matters   cutting, mixing or resampling speech for a calibration set goes this way. The faintest samples, and with them the zeros and the smallest
#           ranges that an observer sees, are not those of the recordings.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export XDG_DATA_HOME="$folder" DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
cat > try.cs <<'CS'
#:package NAudio@3.3.0
#:property PublishAot=false
using NAudio.Wave;

Write("0.wav", [.. Enumerable.Range(-32768, 65536).Select(v => (short)v)]);
var before = Read("0.wav");
for (var pass = 1; pass <= 3; pass++)
{
    using var reader = new WaveFileReader($"{pass - 1}.wav");
    WaveFileWriter.CreateWaveFile16($"{pass}.wav", reader.ToSampleProvider());
}

short[] once = Read("1.wav"), thrice = Read("3.wav");
foreach (var value in new[] { 1, -1, 2, 1000, 32767, -32768 })
    Console.WriteLine($"{value,6} -> {once[value + 32768],6}, after three passes {thrice[value + 32768],6}");
var moved = before.Zip(once, (a, b) => a != 0 && b == a - Math.Sign(a) ? 1 : 0).Sum();
Console.WriteLine($"{moved} of {before.Length} samples moved by one towards zero; 0 stays {once[32768]}");
var holds = moved == 65535 && once[32768] == 0 && thrice[32768 + 1000] == 997;
Console.WriteLine(holds ? "holds: a pass through float samples takes a step from every sample" : "changed");
return holds ? 0 : 1;

static void Write(string path, short[] samples)
{
    using var writer = new WaveFileWriter(path, new WaveFormat(16000, 16, 1));
    writer.WriteSamples(samples, 0, samples.Length);
}

static short[] Read(string path)
{
    using var reader = new WaveFileReader(path);
    var bytes = new byte[reader.Length];
    reader.ReadExactly(bytes);
    return [.. bytes.Chunk(2).Select(b => BitConverter.ToInt16(b))];
}
CS
dotnet run try.cs
