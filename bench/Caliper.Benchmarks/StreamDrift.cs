using System.Globalization;
using Caliper.Data;
using Caliper.Execution;
using Caliper.Graphs;

namespace Caliper.Benchmarks;

/// <summary>
/// Whether errors grow over a long stream: a float network and its int8 form, each fed with its own states, on the samples of some data over
/// and over. Printed for each output: its signal-to-noise ratio over each thousand steps.
/// </summary>
internal static class StreamDrift
{
    private const int Steps = 10_000, Window = 1000;

    public static void Print(string floatPath, string int8Path, string data, string[] feeds)
    {
        var execution = new ExecutionOptions { Threads = 1 };
        using var reference = FloatModel.Load(floatPath, execution);
        using var int8 = QuantizedModel.Load(int8Path, execution);
        var stateOf = feeds.Select(f => f.Split('=')).ToDictionary(f => f[1], f => f[0], StringComparer.Ordinal);
        var samples = ArrayLoader.Open(data, 1).Select(b => b.Inputs.ToDictionary(i => i.Key, i => i.Value)).ToArray();
        var (expected, actual) = (Start(reference, samples[0], stateOf), Start(reference, samples[0], stateOf));
        var sums = reference.Outputs.ToDictionary(o => o.Name, _ => new (double Signal, double Noise)[Steps / Window], StringComparer.Ordinal);
        for (var step = 0; step < Steps; step++)
        {
            var sample = samples[step % samples.Length];
            var (one, other) = (Step(reference, sample, expected, stateOf), Step(int8, sample, actual, stateOf));
            foreach (var (name, windows) in sums)
            {
                var a = one[name].Span<float>();
                var b = other[name].Span<float>();
                for (var i = 0; i < a.Length; i++)
                {
                    windows[step / Window].Signal += (double)a[i] * a[i];
                    windows[step / Window].Noise += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
                }
            }
        }
        Console.WriteLine($"{Steps} steps of {samples.Length} samples; SQNR in dB of each {Window} steps");
        foreach (var (name, windows) in sums)
        {
            double[] decibels = [.. windows.Select(w => 10 * Math.Log10(w.Signal / w.Noise))];
            Console.WriteLine($"{name,-24} {string.Join(' ', decibels.Select(d => d.ToString("F2", CultureInfo.InvariantCulture)))}");
        }
    }

    private static Dictionary<string, Tensor> Start(FloatModel model, Dictionary<string, Tensor> sample, Dictionary<string, string> stateOf) =>
        model.Inputs.Where(i => stateOf.ContainsKey(i.Name)).ToDictionary(i => i.Name, i => sample.GetValueOrDefault(i.Name)
            ?? new Tensor(i.Type, i.Shape!.Value, new byte[i.Shape.Value.ElementCount * i.Type.BitsPerElement() / 8]), StringComparer.Ordinal);

    private static IReadOnlyDictionary<string, Tensor> Step(
        IModel model, Dictionary<string, Tensor> sample, Dictionary<string, Tensor> states, Dictionary<string, string> stateOf)
    {
        var fed = sample.Where(s => !states.ContainsKey(s.Key)).ToDictionary(
            s => s.Key.Length > 0 ? s.Key : model.Inputs.Single(i => !states.ContainsKey(i.Name)).Name, s => s.Value, StringComparer.Ordinal);
        foreach (var (name, state) in states) fed[name] = state;
        var outputs = model.Run(fed);
        foreach (var (input, output) in stateOf) states[input] = outputs[output];
        return outputs;
    }
}
