using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Caliper.Files;

namespace Caliper.Preparation;

/// <summary>A <see cref="Recipe"/> as JSON; see <see cref="Recipe.FromJson"/> for its form.</summary>
internal static class RecipeJson
{
    private const string Activations = "activations", Weights = "weights", Equalization = "equalization";
    private const string Bits = "bits", ProductBits = "product_bits", Reason = "reason", OutputDecibels = "output_decibels", Cost = "cost";
    private const int MaxBytes = 1 << 24;

    public static Recipe Load(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
                throw new CaliperException($"{path} has more than {MaxBytes} bytes, too many for a recipe; is it another kind of file?");
            var bytes = File.ReadAllBytes(path);
            var mark = bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
            return Read(bytes.AsMemory(mark), path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new CaliperException($"The recipe {path} cannot be read: {error.Message}", error);
        }
    }

    public static void Save(Recipe recipe, string path) => ReplacedFile.Write(path, Encoding.UTF8.GetBytes(recipe.ToJson() + "\n"));

    public static Recipe Read(ReadOnlyMemory<byte> utf8, string place)
    {
        var root = StrictJson.Parse(utf8, place);
        root.AllowOnly([Activations, Weights, Equalization]);
        return new Recipe
        {
            Activations = Choices(root.Find(Activations), isActivation: true),
            Weights = Choices(root.Find(Weights), isActivation: false),
            Equalization = root.Find(Equalization) is { } factors ? ChannelFactorsJson.Read(factors) : ChannelFactors.None,
        };
    }

    public static string Write(Recipe recipe)
    {
        using var stream = new MemoryStream();
        var options = new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var writer = new Utf8JsonWriter(stream, options))
        {
            writer.WriteStartObject();
            Write(writer, Activations, recipe.Activations);
            Write(writer, Weights, recipe.Weights);
            if (!recipe.Equalization.IsEmpty)
            {
                writer.WritePropertyName(Equalization);
                ChannelFactorsJson.Write(writer, recipe.Equalization);
            }
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static ImmutableSortedDictionary<string, RecipeChoice> Choices(StrictJson? json, bool isActivation)
    {
        var choices = ImmutableSortedDictionary.CreateBuilder<string, RecipeChoice>(StringComparer.Ordinal);
        if (json is not { } found) return choices.ToImmutable();
        found.RequireObject();
        foreach (var member in found.Element.EnumerateObject())
            choices.Add(member.Name, Choice(new StrictJson(member.Value, $"{found.Place}: \"{member.Name}\""), isActivation));
        return choices.ToImmutable();
    }

    private static RecipeChoice Choice(StrictJson json, bool isActivation)
    {
        json.AllowOnly(isActivation ? [Bits, ProductBits, Reason, OutputDecibels, Cost] : [Bits, Reason, OutputDecibels, Cost]);
        if (json.Find(Bits) is not { } bits) throw new CaliperException($"{json.Place}: the key \"{Bits}\" is missing.");
        var count = bits.Integer();
        if (count is not (8 or 32) && !(isActivation && count == 16)) throw bits.Wrong(isActivation ? "8, 16 or 32" : "8 or 32");
        var products = json.Find(ProductBits);
        if (products is { } given && given.Integer() != 8 && given.Integer() != count) throw given.Wrong(count == 8 ? "8" : $"8 or {count}");
        return new RecipeChoice(count)
        {
            ProductBits = products?.Integer() ?? count,
            Reason = json.Find(Reason)?.Text(),
            OutputDecibels = json.Find(OutputDecibels)?.Double(),
            Cost = json.Find(Cost)?.Double(),
        };
    }

    private static void Write(Utf8JsonWriter writer, string key, ImmutableSortedDictionary<string, RecipeChoice> choices)
    {
        writer.WriteStartObject(key);
        foreach (var (name, choice) in choices)
        {
            writer.WriteStartObject(name);
            writer.WriteNumber(Bits, choice.Bits);
            if (choice.ProductBits != choice.Bits) writer.WriteNumber(ProductBits, choice.ProductBits);
            if (choice.OutputDecibels is { } decibels && double.IsFinite(decibels)) writer.WriteNumber(OutputDecibels, Math.Round(decibels, 2));
            if (choice.Cost is { } cost && double.IsFinite(cost)) writer.WriteNumber(Cost, Math.Round(cost, 6));
            if (choice.Reason is { } reason) writer.WriteString(Reason, reason);
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }
}
