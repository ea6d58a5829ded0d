using System.Security.Cryptography;
using Caliper.Torch;
using Glyphs.Layers;
using Glyphs.Rendering;
using Glyphs.Simulation;
using Glyphs.Training;

namespace Caliper.Samples.Tests.Glyphs;

/// <summary>What lies in samples/glyphs is what its README says.</summary>
public sealed class CommittedSampleTests
{
    private static readonly string Folder = Path.Combine(Root(), "samples", "glyphs");
    private static readonly GlyphSet Calibration = ContactSheet.Load(Path.Combine(Folder, "calibration.png"));
    private static readonly GlyphSet Test = ContactSheet.Load(Path.Combine(Folder, "test.png"));

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Caliper.slnx"))) folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("The tests do not run inside the repository.");
    }

    [Fact]
    public void There_are_enough_images_and_none_twice()
    {
        Assert.Equal((720, 1800), (Calibration.Count, Test.Count));
        var seen = new HashSet<string>();
        foreach (var set in new[] { Calibration, Test })
            for (var i = 0; i < set.Count; i++)
                Assert.True(seen.Add(Convert.ToHexString(SHA256.HashData(set.Tile(i)))), $"image {i} is there twice");
    }

    [Fact]
    public void The_files_are_small_enough_to_be_embedded()
    {
        long Bytes(string name) => new FileInfo(Path.Combine(Folder, name)).Length;
        Assert.InRange(Bytes("calibration.png") + Bytes("test.png"), 1, 3_000_000);
        Assert.InRange(Bytes("glyphs.pth"), 1, 1_500_000);
    }

    [Fact]
    public void A_sheet_reads_back_what_was_written()
    {
        var path = Path.Combine(Path.GetTempPath(), $"sheet-{Guid.NewGuid():N}.png");
        try
        {
            ContactSheet.Save(Calibration, path);
            var again = ContactSheet.Load(path);
            Assert.Equal(Calibration.ImagesPerClass, again.ImagesPerClass);
            for (var i = 0; i < again.Count; i++) Assert.True(again.Tile(i).SequenceEqual(Calibration.Tile(i)));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Naive_int8_loses_what_the_README_says_and_good_int8_does_not()
    {
        var network = GlyphCheckpoint.Load(Path.Combine(Folder, "glyphs.pth"), new Workers(2));
        var asFloat = Accuracy.Of(network, Test);
        var naive = SimulatedInt8.Accuracy(network, Calibration, Test, QuantizationRecipe.Naive);
        var good = SimulatedInt8.Accuracy(network, Calibration, Test, QuantizationRecipe.Good);
        Assert.InRange(asFloat, 95, 99.5);
        Assert.InRange(asFloat - naive, 5, 30);
        Assert.InRange(asFloat - good, -0.5, 0.5);
    }

    [Fact]
    public void A_checkpoint_reads_back_the_network_that_was_written()
    {
        var network = GlyphCheckpoint.Load(Path.Combine(Folder, "glyphs.pth"), new Workers(1));
        foreach (ref var scale in network.Blocks[1].Expand!.Normalization.Scale.AsSpan()) scale = 0.25f;
        var path = Path.Combine(Path.GetTempPath(), $"glyphs-{Guid.NewGuid():N}.pth");
        try
        {
            GlyphCheckpoint.Save(network, path);
            var images = GradientCheck.Random(2, 32, 3);
            Assert.Equal(
                network.Forward(images, training: false).Values,
                GlyphCheckpoint.Load(path, new Workers(1)).Forward(images, training: false).Values);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void The_checkpoint_is_that_of_the_architecture_glyphs()
    {
        var model = TorchModel.Load(Path.Combine(Folder, "glyphs.pth"), "glyphs");
        Assert.Equal("N×3×32×32", model.Model.Graph.Inputs.Single().Shape.ToString());
        Assert.Equal("N×36", model.Model.Graph.Outputs.Single().Shape.ToString());
    }
}
