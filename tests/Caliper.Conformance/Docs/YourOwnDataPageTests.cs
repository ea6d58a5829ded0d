using System.Numerics.Tensors;
using Caliper.Data;
using Caliper.Evaluation;
using Caliper.Graphs;
using Caliper.Imaging;
using Tensor = Caliper.Graphs.Tensor;

namespace Caliper.Conformance.Docs;

/// <summary>docs/your-own-data.md.</summary>
[Collection(WorkingDirectory.Name)]
public sealed class YourOwnDataPageTests(GlyphsFolder glyphs) : PageTests("docs/your-own-data.md")
{
    [Fact]
    public void Any_sequence_of_batches_calibrates()
    {
        var fused = glyphs.Fused;
        #region
        static IEnumerable<Batch> Readings(int batches)
        {
            var random = new Random(1);
            for (var i = 0; i < batches; i++)
            {
                var values = new float[8 * 3 * 32 * 32];
                for (var j = 0; j < values.Length; j++) values[j] = random.NextSingle() * 2 - 1;
                yield return Batch.Of(Tensor.Of(Shape.Of(8, 3, 32, 32), values));
            }
        }

        using var prepared = fused.Prepare(QConfig.Default);
        Console.WriteLine(Evaluator.Evaluate(prepared, criterion: null, Readings(4)));
        #endregion
        AssertPrinted(block: 1);
        Assert.All(prepared.Observers, o => Assert.True(o.Observer.HasObserved));
    }

    [Fact]
    public void Inputs_and_samples_have_names()
    {
        var model = glyphs.Model;
        #region
        var named = new Batch(
            new Dictionary<string, Tensor> { ["input"] = Tensor.Of(Shape.Of(1, 3, 32, 32), new float[3 * 32 * 32]) },
            Labels: [7],
            SampleNames: ["camera-3/0001"]);
        Console.WriteLine(Evaluator.Evaluate(model, new CrossEntropyLoss(), [named]).Samples);
        #endregion
        AssertPrinted(block: 2);
    }

    #region
    internal sealed class WorstClass(int classes) : IMetric
    {
        private readonly int[] _right = new int[classes], _all = new int[classes];

        public string Name => "worst class";

        public double Value => _right.Zip(_all, (right, all) => all == 0 ? 100 : 100.0 * right / all).Min();

        public void Update(Batch batch, IReadOnlyDictionary<string, Tensor> outputs)
        {
            var scores = outputs.Values.Single().Span<float>();
            for (var i = 0; i < batch.Count; i++)
            {
                var label = batch.Labels!.Value[i];
                _all[label]++;
                if (TensorPrimitives.IndexOfMax(scores.Slice(i * classes, classes)) == label) _right[label]++;
            }
        }
    }
    #endregion

    [Fact]
    public void A_metric_of_ones_own_is_measured_with_the_others()
    {
        var model = glyphs.Model;
        #region
        var pixels = new Preprocessing { Mean = [0.5f], Std = [0.5f] };
        var test = DataSource.Open("glyphs/test", pixels, batchSize: 50);
        Console.WriteLine(Evaluator.Evaluate(model, criterion: null, test, metrics: [new WorstClass(36)]));
        #endregion
        AssertPrinted(block: 4);
    }
}
