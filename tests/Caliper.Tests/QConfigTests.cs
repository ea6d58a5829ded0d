using System.Text;
using System.Text.RegularExpressions;
using Caliper.Observers;
using CsCheck;

namespace Caliper.Tests;

public class QConfigTests
{
    private static readonly QConfigMapping Full = new QConfigMapping(QConfig.X86)
        .SetOperatorType("Gemm", QConfig.Qnnpack)
        .SetNameGlob("layer1.*", QConfig.Fbgemm with { Weight = ObserverSpec.MinMax })
        .SetNameGlob("layer1.0.*", null)
        .SetName("layer1.0.conv2", QConfig.Default);

    [Fact]
    public void The_most_particular_setting_counts_and_null_keeps_a_layer_float()
    {
        Assert.Equal(QConfig.X86, Full.For("conv1", "Conv"));
        Assert.Equal(QConfig.Qnnpack, Full.For("fc", "Gemm"));
        Assert.Equal(ObserverSpec.MinMax, Full.For("layer1.1.conv1", "Gemm")!.Weight);
        Assert.Null(Full.For("layer1.0.conv1", "Conv"));
        Assert.Equal(QConfig.Default, Full.For("layer1.0.conv2", "Conv"));
        Assert.Null(new QConfigMapping(null).For("conv1", "Conv"));
    }

    [Fact]
    public void Settings_that_fit_no_layer_are_reported() => Assert.Equal(
        ["layer1.0.conv2", "layer1.*", "layer1.0.*"], Full.Unmatched([("conv1", "Conv"), ("fc", "Gemm")]));

    [Fact]
    public void A_setter_leaves_the_mapping_it_is_called_on_as_it_was()
    {
        QConfigMapping mapping = QConfig.Default;
        mapping.SetName("fc", null);
        Assert.Equal(QConfig.Default, mapping.For("fc", "Gemm"));
    }

    [Fact]
    public void A_mapping_survives_its_file()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            Full.Save(path);
            var read = QConfigMapping.Load(path);
            Assert.Equal(Full.ToJson(), read.ToJson());
            Assert.Equal(Full.Names, read.Names);
            Assert.Equal(Full.NameGlobs, read.NameGlobs);
            Assert.Equal(Full.OperatorTypes, read.OperatorTypes);
            Full.Save(path);
            Assert.Single(Directory.GetFiles(Path.GetDirectoryName(path)!, Path.GetFileName(path) + "*"));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_preset_a_pair_of_observers_or_null_stands_for_every_layer()
    {
        Assert.Equal(QConfig.Onednn, QConfigMapping.FromJson("\"onednn\"").Global);
        Assert.Null(QConfigMapping.FromJson("null").Global);
        Assert.Equal(new QConfig(ObserverSpec.Histogram, ObserverSpec.MinMax), QConfigMapping.FromJson(
            """{"activation": {"observer": "HistogramObserver"}, "weight": {"observer": "MinMaxObserver"}}""").Global);
    }

    [Theory]
    [InlineData("{}", "\"global\" is missing")]
    [InlineData("7", "must be null, one of caliper, default, ")]
    [InlineData("\"x87\"", "must be null, one of caliper, default, ")]
    [InlineData("{\"globl\": null}", "\"globl\" is not known here")]
    [InlineData("{\"global\": null, \"name\": []}", "\"name\" must be an object")]
    [InlineData("{\"global\": null, \"name_glob\": {}}", "\"name_glob\" must be a list")]
    [InlineData("{\"global\": null, \"name_glob\": [{\"pattern\": \"*\"}]}", "#0 must be an object with pattern and qconfig")]
    [InlineData("{\"global\": null, \"name\": {\"fc\": {\"activation\": {\"observer\": \"MinMaxObserver\"}}}}",
        "\"fc\": the key \"weight\" is missing")]
    [InlineData("{\"global\": null, \"name\": {\"\\ud800\": null}}", "not valid JSON")]
    [InlineData("[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]", "not valid JSON")]
    public void A_wrong_mapping_is_refused_with_the_place_and_the_reason(string json, string reason) =>
        Assert.Contains(reason, Assert.Throws<CaliperException>(() => QConfigMapping.FromJson(json)).Message);

    [Fact]
    public void A_damaged_file_is_read_or_refused_but_never_crashes() =>
        Gen.Select(Gen.Int[0, Full.ToJson().Length - 1], Gen.Byte, Gen.Int[0, 40]).Sample((at, value, removed) =>
        {
            var bytes = Encoding.UTF8.GetBytes(Full.ToJson()).ToList();
            bytes[at] = value;
            bytes.RemoveRange(at, Math.Min(removed, bytes.Count - at));
            try
            {
                _ = QConfigJson.Read(bytes.ToArray(), "damaged.json");
            }
            catch (CaliperException error)
            {
                Assert.StartsWith("damaged.json", error.Message);
            }
        }, iter: 2000);

    [Fact]
    public void A_file_that_is_absent_too_large_or_a_folder_is_refused_by_name()
    {
        Assert.Contains("absent.json", Assert.Throws<CaliperException>(() => QConfigMapping.Load("absent.json")).Message);
        Assert.Throws<CaliperException>(() => QConfigMapping.Load(Path.GetTempPath()));
        Assert.Throws<CaliperException>(() => Full.Save(Path.Combine("absent", "folder", "qconfig.json")));
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, new string(' ', 1 << 21));
            Assert.Contains("too many", Assert.Throws<CaliperException>(() => QConfigMapping.Load(path)).Message);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Presets_are_found_by_name()
    {
        Assert.Same(QConfig.Default, QConfig.Parse("caliper"));
        Assert.Same(QConfig.PyTorchDefault, QConfig.Parse("default"));
        Assert.All(QConfig.Presets, preset => Assert.Equal(preset.QConfig, QConfig.Parse(preset.Name)));
        Assert.Contains("caliper, default, x86", Assert.Throws<CaliperException>(() => QConfig.Parse("tpu")).Message);
    }

    [Fact]
    public void Presets_of_PyTorch_have_its_ranges_of_integers()
    {
        Assert.Equal("0..127 -128..127", Ranges(QConfig.PyTorchDefault));
        Assert.Equal("0..127 -128..127", Ranges(QConfig.Fbgemm));
        Assert.Equal("0..255 -128..127", Ranges(QConfig.Qnnpack));
        Assert.Equal("0..255 -128..127", Ranges(QConfig.Onednn));
        Assert.Equal("0..255 -127..127", Ranges(QConfig.Default));
        Assert.Equal([false, true, true, false, true], new[]
        {
            QConfig.PyTorchDefault, QConfig.Fbgemm, QConfig.X86, QConfig.Qnnpack, QConfig.Onednn,
        }.Select(qconfig => qconfig.Weight.IsPerChannel));

        static string Ranges(QConfig qconfig)
        {
            var (activation, weight) = (qconfig.Activation.QuantizedType, qconfig.Weight.QuantizedType);
            return FormattableString.Invariant($"{activation.Min}..{activation.Max} {weight.Min}..{weight.Max}");
        }
    }

    [Fact]
    public void A_glob_matches_what_the_regular_expression_of_the_same_meaning_matches()
    {
        var letters = Gen.OneOf(Gen.Const('a'), Gen.Const('b'), Gen.Const('.'));
        var pattern = Gen.OneOf(letters, Gen.Const('*'), Gen.Const('?')).Array[0, 8];
        Gen.Select(pattern, letters.Array[0, 10]).Sample((glob, name) =>
        {
            var expected = "^" + Regex.Escape(new string(glob)).Replace("\\*", ".*").Replace("\\?", ".") + "$";
            Assert.Equal(Regex.IsMatch(new string(name), expected), NameGlob.Matches(new string(glob), new string(name)));
        }, iter: 5000);
    }
}
