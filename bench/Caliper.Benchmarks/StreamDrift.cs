using System.Globalization;
using Caliper.Data;
using Caliper.Execution;
using Caliper.Graphs;

namespace Caliper.Benchmarks;

/// <summary>
/// Whether errors grow over a long stream: a float network and its int8 form, each fed with its own states, on the samples of some data over
/// and over. Printed for each output: its signal-to-noise ratio over each thousand steps.
/// </summary>
/// <remarks>
/// A ratio depends on what is heard, so that two windows tell of drift only where the float network computes the same in both. Each is therefore
/// as many whole passes over the data as make a thousand steps or just more; and before the first, the float network runs alone, until its
/// states are those that it had one pass before. The int8 network starts from these: in the first window its errors grow from none.
/// How much a network makes of any error, the second line of each output tells: it is of the float network with noise on what it is fed from
/// outside, a thousandth of it. What that alone comes to, no quantizer can better.
/// </remarks>
internal static class StreamDrift
{
    private const int Steps = 10_000, LeastWindow = 1000, MostRunIn = 20_000;

    // Of a state's size, what may differ from pass to pass; and the noise of the second line: -60 dB.
    private const double Settled = 1e-3, Noise = 1e-3;

    public static void Print(string floatPath, string int8Path, string data, string[] feeds)
    {
        var execution = new ExecutionOptions { Threads = 1 };
        using var reference = FloatModel.Load(floatPath, execution);
        using var int8 = QuantizedModel.Load(int8Path, execution);
        var stateOf = feeds.Select(f => f.Split('=')).ToDictionary(f => f[1], f => f[0], StringComparer.Ordinal);
        var samples = ArrayLoader.Open(data, 1).Select(b => b.Inputs.ToDictionary(i => i.Key, i => i.Value)).ToArray();
        var expected = Start(reference, samples[0], stateOf);
        var runIn = RunIn(reference, samples, expected, stateOf);
        var window = (LeastWindow + samples.Length - 1) / samples.Length * samples.Length;
        var random = new Random(1);
        Console.WriteLine($"{samples.Length} samples over and over; {runIn} steps to run in, then SQNR in dB of each {window} steps");
        var rounded = Windows(int8, sample => sample);
        var noisy = Windows(reference, sample => sample.ToDictionary(s => s.Key, s => WithNoise(s.Value, random), StringComparer.Ordinal));
        foreach (var (name, windows) in rounded)
        {
            Console.WriteLine($"{name,-24} {Line(windows)}; the last is louder by {Decibels(windows[^1].Signal / windows[0].Signal)}");
            Console.WriteLine($"{"  float, input off",-24} {Line(noisy[name])}");
        }

        SortedDictionary<string, (double Signal, double Noise)[]> Windows(
            IModel other, Func<Dictionary<string, Tensor>, Dictionary<string, Tensor>> fed)
        {
            var sums = new SortedDictionary<string, (double Signal, double Noise)[]>(StringComparer.Ordinal);
            foreach (var output in reference.Outputs) sums[output.Name] = new (double, double)[Steps / window];
            var (right, wrong) = (new Dictionary<string, Tensor>(expected), new Dictionary<string, Tensor>(expected));
            for (var step = 0; step < Steps / window * window; step++)
            {
                var sample = samples[step % samples.Length];
                var (one, another) = (Step(reference, sample, right, stateOf), Step(other, fed(sample), wrong, stateOf));
                foreach (var (name, windows) in sums)
                {
                    var (signal, noise) = Difference(one[name], another[name]);
                    windows[step / window] = (windows[step / window].Signal + signal, windows[step / window].Noise + noise);
                }
            }
            return sums;
        }
    }

    private static string Line((double Signal, double Noise)[] windows) => string.Join(' ', windows.Select(w => Decibels(w.Signal / w.Noise)));

    private static Tensor WithNoise(Tensor tensor, Random random)
    {
        if (tensor.Type is not ElementType.Float32) return tensor;
        var values = tensor.Span<float>().ToArray();
        var size = Math.Sqrt(values.Sum(v => (double)v * v) / values.Length);
        // Even over ±√3 has the variance 1.
        for (var i = 0; i < values.Length; i++) values[i] += (float)(Noise * size * Math.Sqrt(3) * (2 * random.NextDouble() - 1));
        return Tensor.Of(tensor.Shape, values);
    }

    private static string Decibels(double ratio) => (10 * Math.Log10(ratio)).ToString("F2", CultureInfo.InvariantCulture);

    /// <summary>Runs the float network until its states come back; returns after how many steps.</summary>
    private static int RunIn(
        IModel reference, Dictionary<string, Tensor>[] samples, Dictionary<string, Tensor> states, Dictionary<string, string> stateOf)
    {
        for (var step = 0; step < MostRunIn;)
        {
            var before = new Dictionary<string, Tensor>(states, StringComparer.Ordinal);
            foreach (var sample in samples) Step(reference, sample, states, stateOf);
            step += samples.Length;
            if (before.All(b => Difference(states[b.Key], b.Value) is var (size, moved) && moved <= Settled * Settled * size)) return step;
        }
        return MostRunIn;
    }

    private static (double Signal, double Noise) Difference(Tensor one, Tensor other)
    {
        var a = one.Span<float>();
        var b = other.Span<float>();
        var (signal, noise) = (0.0, 0.0);
        for (var i = 0; i < a.Length; i++)
        {
            signal += (double)a[i] * a[i];
            noise += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
        }
        return (signal, noise);
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
