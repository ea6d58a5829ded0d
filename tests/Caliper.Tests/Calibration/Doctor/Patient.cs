using System.Collections.Immutable;
using Caliper.Calibration;
using Caliper.Calibration.Doctor;
using Caliper.Data;
using Caliper.Graphs;

namespace Caliper.Tests.Calibration.Doctor;

/// <summary>A network, some data, and what the doctor says about them.</summary>
internal static class Patient
{
    public static ImmutableArray<Diagnostic> Examine(FloatModel model, IEnumerable<(string Name, float[] Values)> samples)
    {
        using (model)
        using (var fused = model.Fuse())
        {
            return DataDoctor.Examine(fused, Observe(fused, samples));
        }
    }

    public static CalibrationStatistics Observe(FusedModel fused, IEnumerable<(string Name, float[] Values)> samples)
    {
        using var calibrator = new Calibrator(fused);
        foreach (var (name, values) in samples)
        {
            var input = Tensor.Of(fused.Inputs[0].Shape!.Value.With(0, 1), values);
            calibrator.Observe(new Batch(new Dictionary<string, Tensor> { [""] = input }, null, [name]));
        }
        return calibrator.Statistics;
    }

    /// <summary>Pictures of blobs with a sky: smooth, reddish below and bluish above, levels 0 to 255, black and white included.</summary>
    public static IEnumerable<(string Name, float[] Levels)> Pictures(int count, int size = 16)
    {
        var random = new Random(7);
        for (var i = 0; i < count; i++)
        {
            var levels = new float[3 * size * size];
            double[] tint = [1.08, 0.98, 0.85];
            var (phaseX, phaseY) = (random.NextDouble() * 6, random.NextDouble() * 6);
            var (slowness, light) = (2 + (random.NextDouble() * 2), random.NextDouble());
            for (var c = 0; c < 3; c++)
                for (var p = 0; p < size * size; p++)
                {
                    var wave = Math.Sin(phaseX + (p % size / slowness)) * Math.Sin(phaseY + (p / size / slowness));
                    var level = (100 + (60 * light) + (90 * wave) + (random.NextDouble() * 20)) * tint[c] - 20;
                    levels[(c * size * size) + p] = (float)Math.Clamp(Math.Round(level), 0, 255);
                }
            for (var c = 0; c < 3; c++) (levels[c * size * size], levels[(c * size * size) + 1]) = (0, 255);
            yield return ($"picture {i:D3}", levels);
        }
    }

    public static float[] Each(this float[] levels, Func<float, int, float> value)
    {
        var perChannel = levels.Length / 3;
        return [.. levels.Select((level, i) => value(level, i / perChannel))];
    }

    public static float[] Reversed(this float[] levels)
    {
        var perChannel = levels.Length / 3;
        return [.. levels[(2 * perChannel)..], .. levels[perChannel..(2 * perChannel)], .. levels[..perChannel]];
    }
}
