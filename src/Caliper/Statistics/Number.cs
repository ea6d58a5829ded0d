namespace Caliper.Statistics;

/// <summary>Reads the whole numbers of a calibration file, refusing those that no file of ours contains.</summary>
internal static class Number
{
    /// <summary>A count: 0 to 2⁶³ - 1.</summary>
    /// <exception cref="InvalidDataException">It is negative or has too many bytes.</exception>
    public static long Read(BinaryReader reader)
    {
        try
        {
            var number = reader.Read7BitEncodedInt64();
            return number >= 0 ? number : throw new InvalidDataException("a count is negative");
        }
        catch (FormatException error)
        {
            throw new InvalidDataException("a count has too many bytes", error);
        }
    }

    /// <summary>A number from 0 to <paramref name="limit"/> - 1.</summary>
    /// <exception cref="InvalidDataException">It is not.</exception>
    public static int ReadBelow(BinaryReader reader, int limit)
    {
        var number = Read(reader);
        return number < limit ? (int)number : throw new InvalidDataException($"a length is {number}, which cannot be");
    }
}
