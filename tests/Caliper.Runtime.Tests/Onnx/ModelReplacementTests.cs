using Caliper.Onnx;

namespace Caliper.Runtime.Tests.Onnx;

public sealed class ModelReplacementTests : IDisposable
{
    private static readonly OnnxWriteOptions Beside = new() { ExternalData = true, SmallestExternalInBytes = 20 };

    private readonly string _folder = Directory.CreateTempSubdirectory("caliper-onnx-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void New_weights_have_a_new_name_and_the_old_ones_go_last()
    {
        var model = ProtoBuilder.Small().Read();
        OnnxFile.Write(model, At("model.onnx"), Beside);
        Assert.Equal(["model.onnx", "model.onnx.data"], Names());
        OnnxFile.Write(model, At("model.onnx"), Beside);
        Assert.Equal(["model.onnx", "model.onnx.1.data"], Names());
        Assert.Equal(OnnxFile.ToBytes(model), OnnxFile.ToBytes(OnnxFile.Read(At("model.onnx"))));
        OnnxFile.Write(model, At("model.onnx"), Beside);
        Assert.Equal(["model.onnx", "model.onnx.data"], Names());
        OnnxFile.Write(model, At("model.onnx"));
        Assert.Equal(["model.onnx"], Names());
    }

    [Fact]
    public void A_file_that_is_not_the_replaced_model_s_stays()
    {
        var model = ProtoBuilder.Small().Read();
        File.WriteAllText(At("model.onnx.data"), "mine");
        OnnxFile.Write(model, At("model.onnx"), Beside);
        OnnxFile.Write(model, At("model.onnx"));
        Assert.Equal(["model.onnx", "model.onnx.data"], Names());
        Assert.Equal("mine", File.ReadAllText(At("model.onnx.data")));
    }

    [Fact]
    public void Where_the_model_cannot_be_replaced_the_old_pair_is_whole()
    {
        var model = ProtoBuilder.Small().Read();
        OnnxFile.Write(model, At("model.onnx"), Beside);
        if (OperatingSystem.IsWindows()) Assert.Skip("making links needs rights there");
        File.CreateSymbolicLink(At("link.onnx"), "model.onnx");
        var error = Assert.Throws<CaliperException>(() => OnnxFile.Write(model, At("link.onnx"), Beside));
        Assert.Contains("is a link", error.Message, StringComparison.Ordinal);
        Directory.CreateDirectory(At("folder.onnx"));
        Assert.Throws<CaliperException>(() => OnnxFile.Write(model, At("folder.onnx"), Beside));
        Assert.Equal(["folder.onnx", "link.onnx", "model.onnx", "model.onnx.data"], Names());
        Assert.Equal(OnnxFile.ToBytes(model), OnnxFile.ToBytes(OnnxFile.Read(At("model.onnx"))));
    }

    private string At(string name) => Path.Combine(_folder, name);

    private string[] Names() => [.. Directory.EnumerateFileSystemEntries(_folder).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];
}
