using Caliper.Evaluation;
using Caliper.Graphs;
using Caliper.Imaging;
using Caliper.Testing;
using Caliper.Torch;
using Caliper.Torch.Modules;

namespace Caliper.Conformance.Docs;

/// <summary>README.md.</summary>
[Collection(WorkingDirectory.Name)]
public sealed class ReadmeTests(GlyphsFolder glyphs) : PageTests("README.md")
{
    [Fact]
    public void The_flow_prints_what_the_page_shows()
    {
        Assert.NotNull(glyphs);
        #region
        using var model = FloatModel.Load("glyphs/glyphs.onnx");
        using var prepared = model.Fuse().Prepare(QConfig.Default);
        Console.WriteLine(prepared);                                         // layers, and the observers under them

        var pixels = new Preprocessing { Mean = [0.5f], Std = [0.5f] };      // x = (pixel / 255 - 0.5) / 0.5
        var loader = DataSource.Open("glyphs/calibration", pixels, batchSize: 32);
        Evaluator.Evaluate(prepared, new CrossEntropyLoss(), loader, evalBatches: 32);   // calibrates: forward passes, nothing else
        Console.WriteLine(prepared);                                         // the same layers, and what their observers have seen

        using var quantized = prepared.Convert();
        quantized.Save("glyphs.int8.onnx");

        var test = DataSource.Open("glyphs/test", pixels, batchSize: 50);
        Console.WriteLine(Evaluator.Evaluate(model, new CrossEntropyLoss(), test));
        Console.WriteLine(Evaluator.Evaluate(quantized, new CrossEntropyLoss(), test));
        #endregion
        AssertPrinted(block: 1, Tolerances.PrintedFloat);
    }

    #region
    internal sealed class LeNet : Module
    {
        private readonly Conv2d conv1 = new(1, 8, kernelSize: 5, padding: 2, bias: false);
        private readonly BatchNorm2d bn1 = new(8);
        private readonly Sequential head = new(new Flatten(), new Linear(8 * 14 * 14, 32), new ReLU(), new Linear(32, 10));

        protected override Signal Forward(Signal x) => x.Through(conv1, bn1, new ReLU(), new MaxPool2d(2), head);
    }
    #endregion

    [Fact]
    public void A_network_described_in_CSharp_takes_the_weights_of_a_checkpoint()
    {
        Checkpoint.Save(new LeNet().RandomWeights(), "lenet.pth");
        Assert.Equal(
            ["conv1.weight", "bn1.weight", "bn1.bias", "bn1.running_mean", "bn1.running_var", "head.1.weight", "head.1.bias", "head.3.weight",
            "head.3.bias"],
            Checkpoint.Load("lenet.pth").Keys);
        #region
        using var lenet = new LeNet().ToModel(Checkpoint.Load("lenet.pth"), Shape.Of(1, 28, 28));
        lenet.Save("lenet.onnx");
        #endregion
        Assert.Equal("N×10", FloatModel.Load("lenet.onnx").Outputs.Single().Shape.ToString());
    }
}
