using System.Runtime.Intrinsics;
using Caliper;
using Caliper.Graphs;

namespace NativeAot;

/// <summary>What tells whether a session computes here as elsewhere, and with what: lines of text, which each platform prints.</summary>
internal static class Answers
{
    private const int Samples = 16;

    /// <summary>The vectors that the compiled code has, and the kernels of the steps.</summary>
    public static IEnumerable<string> Describe(Int8Session session)
    {
        var bits = Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0;
        yield return FormattableString.Invariant($"vectors of {bits} bits");
        foreach (var kernels in session.Describe().Steps.GroupBy(s => s.Kernel).OrderByDescending(g => g.Count()))
            yield return FormattableString.Invariant($"kernel {kernels.Key}: {kernels.Count()} steps");
    }

    /// <summary>A checksum of what the network gives for some inputs (FNV-1a over the bytes of the outputs).</summary>
    /// <exception cref="CaliperException">The network takes something else than floats.</exception>
    public static string Checksum(Int8Session session)
    {
        var hash = 14695981039346656037;
        for (var sample = 0; sample < Samples; sample++)
        {
            var outputs = session.Run(session.Inputs.ToDictionary(i => i.Name, i => Ramp(i, sample)));
            foreach (var output in session.Outputs)
                foreach (var value in outputs[output.Name].Bytes.Span) hash = (hash ^ value) * 1099511628211;
        }
        return $"checksum {hash:x16}";
    }

    // A ramp, so that the checksum depends on every kernel, and each sample's with another length.
    private static Tensor Ramp(Value input, int sample)
    {
        if (input.Type is not ElementType.Float32) throw new CaliperException($"This sample feeds floats; the network takes {input.Type}.");
        var shape = input.Shape!.Value;
        var values = new float[shape.ElementCount];
        for (var i = 0; i < values.Length; i++) values[i] = i % (251 - sample) / 125f - 1;
        return Tensor.Of(shape, values);
    }
}
