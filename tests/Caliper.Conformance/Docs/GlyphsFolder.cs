using Caliper.Data;
using Caliper.Imaging;
using Caliper.Tool.Demo;
using Caliper.Torch;

namespace Caliper.Conformance.Docs;

/// <summary>
/// A folder that is the working directory while the code of the pages runs, with what <c>caliper demo --output glyphs</c>
/// leaves behind.
/// </summary>
public sealed class GlyphsFolder : IDisposable
{
    private readonly string _before = Directory.GetCurrentDirectory();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("caliper-pages-");

    public GlyphsFolder()
    {
        Directory.SetCurrentDirectory(_folder.FullName);
        Directory.CreateDirectory("glyphs");
        using var model = TorchModel.Load(RepositoryFolder.Path("samples", "glyphs", "glyphs.pth"), "glyphs");
        model.Save("glyphs/glyphs.onnx");
        GlyphSheet.Read("glyphs.calibration.png").Save("glyphs/calibration", CancellationToken.None);
        GlyphSheet.Read("glyphs.test.png").Save("glyphs/test", CancellationToken.None);

        Model = FloatModel.Load("glyphs/glyphs.onnx");
        Fused = Model.Fuse();
        Images = [.. DataSource.Open("glyphs/calibration", new Preprocessing { Mean = [0.5f], Std = [0.5f] }, batchSize: 32)];
    }

    /// <summary>The float network.</summary>
    public FloatModel Model { get; }

    /// <summary>The same, fused.</summary>
    public FusedModel Fused { get; }

    /// <summary>What calibrates.</summary>
    public IReadOnlyList<Batch> Images { get; }

    public void Dispose()
    {
        Model.Dispose();
        Fused.Dispose();
        Directory.SetCurrentDirectory(_before);
        _folder.Delete(recursive: true);
    }
}

/// <summary>Tests that own the working directory: nothing else runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class WorkingDirectory : ICollectionFixture<GlyphsFolder>
{
    public const string Name = "working directory";
}
