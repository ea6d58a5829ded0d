using System.Diagnostics;
using Caliper.Onnx;

namespace Caliper.Conformance.Onnx;

public class RealModelTests(ITestOutputHelper console)
{
    public static TheoryData<string> Names => RealModels.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void A_real_model_written_back_says_and_computes_the_same(string name)
    {
        var path = RealModels.Path(name);
        var clock = Stopwatch.StartNew();
        var model = OnnxFile.Read(path);
        var readMilliseconds = clock.Elapsed.TotalMilliseconds;
        clock.Restart();
        var written = OnnxFile.ToBytes(model);
        console.WriteLine($"{name}: read in {readMilliseconds:f1} ms, written in {clock.Elapsed.TotalMilliseconds:f1} ms");

        var original = File.ReadAllBytes(path);
        Meaning.AssertSame(original, written);
        // As written, node by node: what the optimizer folds depends on the order of the file, and so do its last bits.
        var inputs = RealModels.RandomInputs(model);
        var (expected, actual) = (OnnxRuntime.Run(original, inputs, optimize: false),
            OnnxRuntime.Run(written, inputs, optimize: false));
        Assert.Equal(expected.Keys, actual.Keys);
        foreach (var output in expected.Keys)
            Assert.Equal(expected[output].Bytes.ToArray(), actual[output].Bytes.ToArray());
    }
}
