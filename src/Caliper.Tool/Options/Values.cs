using System.Collections.Immutable;
using System.CommandLine.Parsing;
using System.Globalization;
using Caliper.Graphs;
using Caliper.Imaging;

namespace Caliper.Tool.Options;

/// <summary>Reads the values of options; whatever the culture, and with messages that say what is expected.</summary>
internal static class Values
{
    /// <summary>A whole number of at least <paramref name="least"/>.</summary>
    public static Func<ArgumentResult, int> WholeNumber(int least) => argument =>
    {
        var text = argument.Tokens[^1].Value;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least) return value;
        return Refuse<int>(argument, $"takes a whole number of {least} or more, not '{text}'");
    };

    /// <summary>A number, such as <c>0.5</c> or <c>1/255</c>.</summary>
    public static double? Number(ArgumentResult argument) =>
        TryNumber(argument.Tokens[^1].Value, out var value)
            ? value : Refuse<double?>(argument, $"takes a number such as 0.5 or 1/255, not '{argument.Tokens[^1].Value}'");

    /// <summary>A number of 0 or more.</summary>
    public static double? Points(ArgumentResult argument) =>
        TryNumber(argument.Tokens[^1].Value, out var value) && value >= 0
            ? value : Refuse<double?>(argument, $"takes percentage points, 0 or more, not '{argument.Tokens[^1].Value}'");

    /// <summary>A quality to reach.</summary>
    public static QualityTarget? Quality(ArgumentResult argument) => QualityTarget.Parse(argument.Tokens[^1].Value)
        ?? Refuse<QualityTarget?>(argument, $"takes {QualityTarget.Words}, not '{argument.Tokens[^1].Value}'");

    /// <summary>A time of 0 or more.</summary>
    public static double? Seconds(ArgumentResult argument) =>
        TryNumber(argument.Tokens[^1].Value, out var value) && value >= 0
            ? value : Refuse<double?>(argument, $"takes seconds, 0 or more, not '{argument.Tokens[^1].Value}'");

    /// <summary>A length such as <c>224</c>, or a width and a height such as <c>320x240</c>.</summary>
    public static PixelSize? Size(ArgumentResult argument)
    {
        var text = argument.Tokens[^1].Value;
        var parts = text.Split('x', '×');
        if (parts.Length <= 2 && TryPixels(parts[0], out var width) && TryPixels(parts[^1], out var height))
            return new PixelSize(width, height, parts.Length == 1);
        return Refuse<PixelSize?>(argument, $"takes pixels such as 224 or 320x240, not '{text}'");
    }

    /// <summary>Numbers with commas between them.</summary>
    public static ImmutableArray<float> NumberList(ArgumentResult argument)
    {
        var numbers = ImmutableArray.CreateBuilder<float>();
        foreach (var text in argument.Tokens.SelectMany(t => t.Value.Split(',', StringSplitOptions.TrimEntries)))
        {
            if (!TryNumber(text, out var value))
                return Refuse<ImmutableArray<float>>(argument, $"takes numbers such as 0.485,0.456,0.406, not '{text}'");
            numbers.Add((float)value);
        }
        return numbers.ToImmutable();
    }

    /// <summary>Shapes such as <c>x=1,3,48,320</c>, each of another input.</summary>
    public static ImmutableDictionary<string, Shape> Shapes(ArgumentResult argument)
    {
        var shapes = ImmutableDictionary.CreateBuilder<string, Shape>(StringComparer.Ordinal);
        foreach (var text in argument.Tokens.Select(t => t.Value))
        {
            // The name may hold an equals sign, lengths do not.
            var at = text.LastIndexOf('=');
            var lengths = text[(at + 1)..].Split(',', 'x', '×').Select(l => TryPixels(l, out var length) ? length : 0L).ToArray();
            if (at <= 0 || lengths.Contains(0))
                return Refuse<ImmutableDictionary<string, Shape>>(argument, $"takes an input and its lengths such as x=1,3,48,320, not '{text}'");
            if (!shapes.TryAdd(text[..at], Shape.Of(lengths)))
                return Refuse<ImmutableDictionary<string, Shape>>(argument, $"names the input '{text[..at]}' twice");
        }
        return shapes.ToImmutable();
    }

    /// <summary>A share such as <c>2/8</c>: the second of eight.</summary>
    public static Shard? ShardOf(ArgumentResult argument)
    {
        var text = argument.Tokens[^1].Value;
        var parts = text.Split('/');
        if (parts.Length == 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var count) && index >= 1 && index <= count)
            return new Shard(index, count);
        return Refuse<Shard>(argument, $"takes a share such as 2/8, from 1/8 to 8/8, not '{text}'");
    }

    /// <summary>One of some words.</summary>
    public static Func<ArgumentResult, string> OneOf(params string[] words) => argument =>
    {
        var text = argument.Tokens[^1].Value;
        return words.Contains(text) ? text : Refuse<string>(argument, $"is one of {string.Join(", ", words)}, not '{text}'");
    };

    /// <summary>The word for a member of an enumeration.</summary>
    public static string WordFor<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();

    /// <summary>The member of an enumeration that a word is for.</summary>
    public static T Parse<T>(string word) where T : struct, Enum => Enum.Parse<T>(word, ignoreCase: true);

    public static bool TryNumber(string text, out double value)
    {
        value = 0;
        var parts = text.Split('/');
        if (parts.Length > 2 || !TryDecimal(parts[0], out value)) return false;
        if (parts.Length == 1) return true;
        if (!TryDecimal(parts[1], out var divisor) || divisor == 0) return false;
        value /= divisor;
        return true;
    }

    private static bool TryPixels(string text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value > 0;

    private static bool TryDecimal(string text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);

    private static T Refuse<T>(ArgumentResult argument, string problem)
    {
        var name = argument.Parent is OptionResult option ? option.Option.Name : argument.Argument.Name;
        argument.AddError($"{name} {problem}.");
        return default!;
    }
}

/// <summary>A size in pixels as the command line gives it.</summary>
/// <param name="Width">Width, or the one length given.</param>
/// <param name="Height">Height, or the one length given.</param>
/// <param name="IsSide">Whether one length was given.</param>
internal readonly record struct PixelSize(int Width, int Height, bool IsSide)
{
    public ImageSize Image => new(Width, Height);
}
